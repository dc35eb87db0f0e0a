from allauth.account.adapter import DefaultAccountAdapter


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by the office, never by whoever comes along."""

    def is_open_for_signup(self, request):
        return False
