from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0002_methods_devices_sessions'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='account',
            options={
                'permissions': [
                    ('close_account', 'Can close and reopen accounts'),
                    ('view_standards', 'Can read how the live policy differs from the standards'),
                ],
                'verbose_name': 'account',
            },
        ),
    ]
