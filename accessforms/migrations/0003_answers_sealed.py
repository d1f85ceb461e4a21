from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers lie encrypted: first as the text that they are, then sealed."""

    dependencies = [("accessforms", "0002_initial")]

    operations = [
        migrations.AlterField(model_name=name, name="answers", field=models.TextField())
        for name in ("submission", "printout")
    ]
