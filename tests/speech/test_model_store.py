"""Fetching, choosing and removing models; the network is played by a fake."""

from __future__ import annotations

import errno
import hashlib
import http.client
import io
import shutil
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voice_coach.errors import ModelError
from voice_coach.folders import DATA_VARIABLE
from voice_coach.history import alive
from voice_coach.speech import model_store
from voice_coach.speech.model_store import InstalledModel, KnownModel, RestartRequiredError
from voice_coach.speech.models import MODEL_VARIABLE, find_model, models_folder, packaged_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = ("am/final.mdl", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/phones/word_boundary.int")


class FakeSource:
    """Gives a file in pieces, and breaks off after so many bytes as often as it is told to."""

    def __init__(self, data: bytes, breaks_after: int | None = None, *, resumes: bool = True) -> None:
        self.data = data
        self.breaks_after = breaks_after
        self.resumes = resumes
        self.starts: list[int] = []

    def chunks(self, _url: str, start: int) -> Iterator[bytes]:
        self.starts.append(start)
        if start and not self.resumes:
            raise RestartRequiredError
        end = len(self.data) if self.breaks_after is None else self.breaks_after
        for position in range(start, end, 100):
            yield self.data[position : min(position + 100, end)]
        if self.breaks_after is not None:
            self.breaks_after = None
            raise ConnectionError("the line is dead")


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            # named alone, a member gets the time of day: the same content would be another archive two seconds later
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def good_zip() -> bytes:
    return zipped({f"tiny-model/{name}": b"x" * 300 for name in FILES})


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    monkeypatch.delenv("VOICE_COACH_MODEL", raising=False)


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], KnownModel]:
    """Make an archive the published one of the model `tiny`."""

    def publish(archive: bytes) -> KnownModel:
        known = KnownModel(
            folder="tiny-model",
            url="https://models.example/tiny.zip",
            bytes=len(archive),
            sha256=hashlib.sha256(archive).hexdigest(),
            unpacked_bytes=10_000,
            licence="CC0",
            language="none",
        )
        monkeypatch.setattr(model_store, "known_models", lambda: {"tiny": known})
        return known

    return publish


def ignore_progress(_there: int, _size: int) -> None:
    pass


def leftovers() -> list[str]:
    known = ("tiny-model", "chosen", model_store.LOCK_FILE)
    return sorted(entry.name for entry in models_folder().iterdir() if entry.name not in known)


def test_a_fetched_model_is_whole_used_and_leaves_nothing_else(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    seen: list[tuple[int, int]] = []
    folder = model_store.get("tiny", FakeSource(good_zip()), lambda there, size: seen.append((there, size)))
    assert find_model() == folder
    assert seen[-1] == (len(good_zip()), len(good_zip()))
    assert leftovers() == []


def test_a_broken_download_goes_on_where_it_broke_off(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    source = FakeSource(good_zip(), breaks_after=250)
    with pytest.raises(ModelError, match="the line is dead"):
        model_store.get("tiny", source, ignore_progress)
    model_store.get("tiny", source, ignore_progress)
    assert source.starts == [0, 250]


def test_a_source_that_cannot_go_on_in_the_middle_is_asked_from_the_beginning(
    publish: Callable[[bytes], KnownModel],
) -> None:
    publish(good_zip())
    source = FakeSource(good_zip(), breaks_after=250, resumes=False)
    with pytest.raises(ModelError):
        model_store.get("tiny", source, ignore_progress)
    model_store.get("tiny", source, ignore_progress)
    assert source.starts == [0, 250, 0]


def test_what_is_not_as_published_is_thrown_away(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    forged = bytes([good_zip()[0] ^ 1]) + good_zip()[1:]
    with pytest.raises(ModelError, match="not what was published"):
        model_store.get("tiny", FakeSource(forged), ignore_progress)
    assert leftovers() == []


def test_what_is_larger_than_published_is_thrown_away_and_not_gone_on_with(
    publish: Callable[[bytes], KnownModel],
) -> None:
    publish(good_zip())
    source = FakeSource(good_zip() + b"more" * 1000)
    for _ in range(2):
        with pytest.raises(ModelError, match="not what was published"):
            model_store.get("tiny", source, ignore_progress)
        assert leftovers() == []
    assert source.starts == [0, 0]


def test_a_part_that_the_server_cannot_go_on_with_is_fetched_from_the_beginning(
    publish: Callable[[bytes], KnownModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(good_zip())
    models_folder().mkdir()
    (models_folder() / "tiny-model.zip.part").write_bytes(b"x" * 200)

    def answer(request: urllib.request.Request, **_: object) -> io.BytesIO:
        if request.has_header("Range"):
            raise urllib.error.HTTPError(request.full_url, 416, "Requested Range Not Satisfiable", Message(), None)
        return io.BytesIO(good_zip())

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    assert model_store.get("tiny", model_store.WebSource(), ignore_progress) == find_model()


def test_only_one_program_fetches_at_a_time(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    models_folder().mkdir()
    hold = "import sys; from voice_coach.history.alive import Alive; print(Alive(sys.argv[1]).hold(0), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{hold}; input()", models_folder() / model_store.LOCK_FILE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"True"
        with pytest.raises(ModelError, match="another voice-coach is fetching a model just now"):
            model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
        other.kill()
        other.wait()  # its lock goes when it is gone
    model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    assert leftovers() == []


def test_a_model_is_fetched_on_a_disk_without_locks(
    publish: Callable[[bytes], KnownModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_file: int, _byte: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    publish(good_zip())
    monkeypatch.setattr(alive, "_lock", fail)
    assert model_store.get("tiny", FakeSource(good_zip()), ignore_progress) == find_model()


def test_what_was_half_unpacked_when_the_program_was_killed_goes_with_the_next_try(
    publish: Callable[[bytes], KnownModel],
) -> None:
    publish(good_zip())
    (models_folder() / ".unpacking-x" / "tiny-model").mkdir(parents=True)
    model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    assert leftovers() == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "tiny-model/../../evil", "..\\evil", "C:evil"])
def test_a_member_that_leaves_the_folder_is_refused(
    name: str, publish: Callable[[bytes], KnownModel], tmp_path: Path
) -> None:
    archive = zipped({name: b"evil", **{f"tiny-model/{file}": b"x" for file in FILES}})
    publish(archive)
    with pytest.raises(ModelError, match="leaves its folder"):
        model_store.get("tiny", FakeSource(archive), ignore_progress)
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_member_without_a_name_is_refused(name: str, publish: Callable[[bytes], KnownModel]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"evil")
    publish(buffer.getvalue())
    with pytest.raises(ModelError, match=r"without a name|leaves its folder"):
        model_store.get("tiny", FakeSource(buffer.getvalue()), ignore_progress)


def test_a_link_in_the_archive_is_refused(publish: Callable[[bytes], KnownModel]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("tiny-model/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    publish(buffer.getvalue())
    with pytest.raises(ModelError, match="no file"):
        model_store.get("tiny", FakeSource(buffer.getvalue()), ignore_progress)


def test_an_archive_that_grows_out_of_bounds_is_refused(publish: Callable[[bytes], KnownModel]) -> None:
    archive = zipped({"tiny-model/am/final.mdl": b"\0" * 20_000})
    publish(archive)
    with pytest.raises(ModelError, match="larger than it should be"):
        model_store.get("tiny", FakeSource(archive), ignore_progress)


def test_an_archive_without_a_model_puts_nothing_in_place(publish: Callable[[bytes], KnownModel]) -> None:
    archive = zipped({"tiny-model/readme": b"nothing else"})
    publish(archive)
    with pytest.raises(ModelError):
        model_store.get("tiny", FakeSource(archive), ignore_progress)
    assert not (models_folder() / "tiny-model").exists()


def test_a_model_in_any_folder_can_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "spanish"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    model_store.use(str(folder))
    assert find_model() == folder
    assert InstalledModel(str(folder), folder, used=True) in model_store.installed_models()


def test_a_removed_model_is_gone_and_no_longer_used(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    folder = model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    model_store.remove("tiny")
    assert not folder.exists()
    assert all(model.folder != folder for model in model_store.installed_models())


def broken(name: str) -> Path:
    """Make and choose a model without what it hears with."""
    folder = models_folder() / name
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "model.conf").write_text("")
    (models_folder() / "chosen").write_text(f"{name}\n")
    return folder


def test_a_model_that_is_not_whole_is_fetched_again(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    folder = broken("tiny-model")
    model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    assert find_model() == folder
    assert leftovers() == []


def test_a_model_that_is_not_whole_stays_where_it_cannot_be_fetched(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    folder = broken("tiny-model")
    with pytest.raises(ModelError):
        model_store.get("tiny", FakeSource(good_zip(), breaks_after=250), ignore_progress)
    assert folder.is_dir()


def test_a_model_that_is_not_whole_can_be_removed(publish: Callable[[bytes], KnownModel]) -> None:
    publish(good_zip())
    broken("tiny-model")
    model_store.remove("tiny")
    assert leftovers() == []
    assert find_model() == packaged_model()


@pytest.mark.parametrize("whole", [True, False])
def test_the_model_in_the_box_is_used_when_it_is_chosen_by_the_name_that_the_list_shows(
    publish: Callable[[bytes], KnownModel], *, whole: bool
) -> None:
    publish(good_zip())
    if whole:
        model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    else:
        broken("tiny-model")
    shown = model_store.installed_models()[-1]
    model_store.use(shown.name)
    assert find_model() == packaged_model() == shown.folder
    assert [model.name for model in model_store.installed_models() if model.used] == [shown.name]


def test_a_broken_model_that_was_chosen_is_told_with_the_command_that_helps() -> None:
    broken("tiny-model")
    with pytest.raises(ModelError, match=r'Try: voice-coach model use "in the box"'):
        find_model()


def test_a_folder_that_may_not_be_read_hides_no_other_model(
    publish: Callable[[bytes], KnownModel], unreadable: Callable[[Path], None]
) -> None:
    publish(good_zip())
    folder = model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    unreadable(broken("private"))
    model_store.use("tiny")
    assert find_model() == folder
    (models_folder() / "chosen").unlink()
    assert find_model() == folder
    assert [model.name for model in model_store.installed_models()] == ["tiny-model", "in the box"]


def test_folders_of_models_that_may_not_be_read_leave_the_model_in_the_box(unreadable: Callable[[Path], None]) -> None:
    broken("private")
    unreadable(models_folder())
    assert find_model() == packaged_model()
    assert [model.name for model in model_store.installed_models()] == ["in the box"]


def test_a_model_that_may_not_be_read_is_told(unreadable: Callable[[Path], None]) -> None:
    unreadable(broken("private"))
    with pytest.raises(ModelError, match="private cannot be used"):
        find_model()


def test_a_model_in_the_home_of_somebody_unknown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="no model called '~nobody-of-this-name/model'"):
        model_store.use("~nobody-of-this-name/model")
    monkeypatch.setenv(MODEL_VARIABLE, "~nobody-of-this-name/model")
    with pytest.raises(ModelError, match=f"no speech model in ~nobody.*Try: unset {MODEL_VARIABLE}"):
        find_model()


def test_a_removal_that_breaks_off_says_where_the_rest_is(
    publish: Callable[[bytes], KnownModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    publish(good_zip())
    model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", fail)
        with pytest.raises(ModelError) as told:
            model_store.remove("tiny")
    (rest,) = leftovers()
    assert f"It is used no more, and what is left of it is in {models_folder() / rest}." in str(told.value)
    assert find_model() == packaged_model()


def test_a_model_that_cannot_be_moved_is_still_there_with_nothing_beside_it(
    publish: Callable[[bytes], KnownModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: Path, _to: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    publish(good_zip())
    folder = model_store.get("tiny", FakeSource(good_zip()), ignore_progress)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ModelError, match="It is still there"):
        model_store.remove("tiny")
    assert find_model() == folder
    assert leftovers() == []


@pytest.mark.parametrize("name", ["nothing", "..", ".", "", "../elsewhere", "tiny/.."])
def test_only_installed_models_can_be_removed(name: str) -> None:
    with pytest.raises(ModelError, match="no model called"):
        model_store.remove(name)


def test_every_known_model_is_fetched_over_https_and_has_a_full_hash() -> None:
    for known in model_store.known_models().values():
        assert known.url.startswith("https://")
        assert len(bytes.fromhex(known.sha256)) == hashlib.sha256().digest_size


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (urllib.error.URLError(socket.gaierror(-3, "Temporary failure in name resolution")), "name resolution"),
        (urllib.error.URLError("unknown url type"), "unknown url type"),
        (urllib.error.HTTPError("https://x", 404, "Not Found", Message(), None), "404"),
        (http.client.BadStatusLine("<html>"), "<html>"),
        (http.client.IncompleteRead(b"half", 100), "100 more expected"),
    ],
)
def test_a_network_that_fails_is_told_in_words(
    fault: Exception, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(ModelError) as told:
        model_store.get("small-en-us", model_store.WebSource(), lambda _there, _all: None)
    assert words in told.value.what
    assert "urlopen" not in told.value.what
    assert "Errno" not in told.value.what
