"""The rubric of 全员创新企业 becomes data; editions of a category with a form of its own keep that form."""

from django.db import migrations

RUBRIC = [
    {"code": "mechanism", "name": "全员创新机制建设", "weight": "35", "guidance": "", "subpoints": []},
    {"code": "platform", "name": "全员创新平台载体建设", "weight": "30", "guidance": "", "subpoints": []},
    {"code": "effect", "name": "全员创新效果", "weight": "35", "guidance": "", "subpoints": []},
]


def forwards(apps, schema_editor):
    Category = apps.get_model("nominations", "Category")
    Category.objects.filter(code="qycx", rubric=[]).update(rubric=RUBRIC)
    for category in Category.objects.exclude(form={}):
        category.edition_set.filter(form={}).update(form=category.form)


class Migration(migrations.Migration):
    dependencies = [("nominations", "0013_the_form_of_an_edition")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
