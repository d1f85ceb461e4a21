"""Files with real commits: the nudge that looks at them, and who wins where two come at once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from identity.files import sandbox, stored, vault
from identity.files.doors import MESSAGE
from identity.models import Account, StoredFile
from tests.factories import NOW
from tests.steps import files
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
State = StoredFile.State


def test_a_file_is_looked_at_after_its_commit_and_its_bytes_go_after_the_delete(provider):
    """The nudge is a task; here it runs at once."""
    browser = signed_in(provider)
    browser.post("/id/files/message/", {"file": SimpleUploadedFile("scan.pdf", files.pdf())})
    file = StoredFile.objects.get()
    assert (file.state, file.page_count) == (State.CLEAN, 1)
    browser.post(f"/id/files/{file.pk}/delete/")
    assert not StoredFile.objects.exists()
    with pytest.raises(vault.Missing):
        vault.read(vault.place_of(file.sha256))


def test_a_dead_broker_loses_nothing(provider, monkeypatch):
    def dead():
        raise ConnectionError

    monkeypatch.setattr(stored.QUEUE, "nudge", dead)
    file = files.received(provider)
    assert stored.inspect_next(now=NOW)
    file.refresh_from_db()
    assert file.state == State.CLEAN


def test_nothing_slow_stands_in_a_transaction(provider, monkeypatch):
    """house: the look and the storage are outside, but for the one call that takes bytes away."""
    open_at = []
    look, write = sandbox._run, vault.write
    monkeypatch.setattr(sandbox, "_run", lambda *given: open_at.append(connection.in_atomic_block) or look(*given))
    monkeypatch.setattr(vault, "write", lambda *given: open_at.append(connection.in_atomic_block) or write(*given))
    monkeypatch.setattr(stored.QUEUE, "nudge", lambda: None)
    files.looked_at(provider)
    assert open_at == [False, False, False]


class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _quiet(self, monkeypatch):
        monkeypatch.setattr(stored.QUEUE, "nudge", lambda: None)

    def test_a_file_is_attached_once(self, provider):
        file = files.looked_at(provider)

        def attach():
            try:
                return len(stored.attach(keys=[file.pk], door=MESSAGE, by=provider, now=NOW))
            except stored.NotAttachable:
                return 0

        assert sorted(together(attach, threads=6)) == [0, 0, 0, 0, 0, 1]

    def test_a_door_is_never_fuller_than_it_may_be(self, provider):
        def send():
            try:
                files.received(Account.objects.get(pk=provider.pk))
            except stored.TooManyFiles:
                return "full"
            return "taken"

        said = together(send, threads=8)
        assert said.count("taken") == MESSAGE.max_files == StoredFile.objects.count()

    def test_what_is_handed_in_while_the_last_copy_is_deleted_keeps_its_bytes(self, provider, stranger):
        """Of two owners one deletes while the other sends the same: twenty rounds."""
        for number in range(20):
            content = files.pdf(text=str(number))
            mine = files.received(provider, content=content)
            stored.delete(file=mine, by=provider, now=NOW)
            turns = iter([lambda: files.received(stranger, content=content), lambda: stored.forget_deleted(now=NOW)])
            together(lambda turns=turns: next(turns)(), threads=2)
            theirs = StoredFile.objects.of(stranger).get()
            assert b"".join(vault.read(vault.place_of(theirs.sha256))) == content
            StoredFile.objects.filter(pk=theirs.pk).update(uploaded_by=provider, deleted_at=NOW)
            stored.forget_deleted(now=NOW)
            assert not StoredFile.objects.exists()

    def test_two_workers_look_at_two_files(self, provider):
        for _ in range(2):
            files.received(provider)
        assert together(lambda: stored.inspect_next(now=NOW), threads=2) == [True, True]
        assert set(StoredFile.objects.values_list("state", "attempts")) == {(State.CLEAN, 1)}
