"""What a ticket said becomes its first message, its answer the last one, which its person has read. Copied as it lies,
encrypted: no key is needed."""

from django.db import migrations

TEXTS = """
    INSERT INTO identity_ticketmessage (ticket_id, author_id, is_staff, text, created_at)
    SELECT id, account_id, false, text, opened_at FROM identity_ticket ORDER BY id
"""
ANSWERS = """
    INSERT INTO identity_ticketmessage (ticket_id, author_id, is_staff, text, created_at)
    SELECT id, claimed_by_id, true, answer, status_since FROM identity_ticket WHERE answer <> '' ORDER BY id
"""
READ = """
    INSERT INTO identity_ticketread (ticket_id, account_id, read_to)
    SELECT ticket.id, ticket.account_id, max(message.id)
    FROM identity_ticket ticket JOIN identity_ticketmessage message ON message.ticket_id = ticket.id
    WHERE ticket.account_id IS NOT NULL GROUP BY ticket.id, ticket.account_id
"""
# Nobody holds what is answered, and what somebody worked on is free for colleagues.
CLAIMS = """
    UPDATE identity_ticket SET
        claimed_by_id = CASE WHEN status = 'closed' THEN NULL ELSE claimed_by_id END,
        claimed_until = CASE WHEN status = 'closed' THEN NULL ELSE status_since END
    WHERE claimed_by_id IS NOT NULL
"""
# Back to one text and one answer: the first message, and what staff said last where it is closed.
TEXTS_BACK = """
    UPDATE identity_ticket SET
        text = COALESCE((SELECT text FROM identity_ticketmessage message WHERE message.ticket_id = identity_ticket.id
            AND NOT message.is_staff ORDER BY message.id LIMIT 1), ''),
        claimed_by_id = COALESCE(claimed_by_id, (SELECT author_id FROM identity_ticketmessage message
            WHERE message.ticket_id = identity_ticket.id AND message.is_staff ORDER BY message.id DESC LIMIT 1)),
        answer = CASE WHEN status = 'closed' THEN COALESCE((SELECT text FROM identity_ticketmessage message
            WHERE message.ticket_id = identity_ticket.id AND message.is_staff ORDER BY message.id DESC LIMIT 1), '')
            ELSE '' END,
        status = CASE WHEN status = 'waiting' THEN 'in progress' ELSE status END
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_ticket_conversations")]

    operations = [
        migrations.RunSQL(TEXTS, [TEXTS_BACK, "DELETE FROM identity_ticketread", "DELETE FROM identity_ticketmessage"]),
        migrations.RunSQL(ANSWERS, migrations.RunSQL.noop),
        migrations.RunSQL(READ, migrations.RunSQL.noop),
        migrations.RunSQL(CLAIMS, migrations.RunSQL.noop),
    ]
