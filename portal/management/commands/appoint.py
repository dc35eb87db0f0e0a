from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.appointing import appoint
from portal.errors import Refused
from portal.models import Membership, Organisation, User
from portal.speech import said


class Command(BaseCommand):
    help = "Give a person a role at an organisation: how the first administrator of an installation is made."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument(
            "role", help="office, recommender, department, expert, inspector, auditor, admin …"
        )
        parser.add_argument("organisation", help="its code or its name, such as city")

    def handle(self, *, username, role, organisation, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有用户名为“{username}”的人员，请先用 createsuperuser 建立账号。")
        place = (
            Organisation.objects.filter(code=organisation).first()
            or Organisation.objects.filter(name=organisation).first()
        )
        if place is None:
            raise CommandError(f"没有编码或名称为“{organisation}”的单位，请先执行 ground 建立单位。")
        try:
            hat = appoint(user, role, place, by=Membership.objects.system(), now=timezone.now())
        except Refused as refused:
            raise CommandError(said(refused)) from None
        self.stdout.write(str(hat))
