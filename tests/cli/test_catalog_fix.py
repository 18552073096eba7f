"""`catalog validate --fix`, `--diff` and `--changed-since`: exit codes, files, and what is told."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.cli.app import app

THEME = "themes/oceans/catalog.json"
LISTING = "variables/catalog.json"


def validate(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app(["catalog", "validate", "--offline", *map(str, arguments)])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    command = ["git", "-c", "user.name=Tester", "-c", "user.email=tester@noreply.invalid", *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, check=True, capture_output=True).stdout.decode()


def commit(folder: Path) -> None:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--no-gpg-sign", "-m", "Change")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file but git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def spoil(folder: Path) -> None:
    """Take a title and a link away, and change line ends: faults with one mend; and one that takes a decision."""
    theme = folder / THEME
    theme.write_bytes(theme.read_bytes().replace(b'"title": "Themes"', b'"title": "Wrong"').replace(b"\n", b"\r\n"))
    listing = json.loads((folder / LISTING).read_bytes())
    listing["links"].pop()
    (folder / LISTING).write_text(json.dumps(listing, indent=1))


@pytest.fixture(params=["", "data/my catalog"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The embedded catalog, committed, as a checkout or in a folder of one."""
    top = tmp_path / "top"
    for name, content in seed_files().items():
        path = top / request.param / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(top))
    git(top, "config", "core.autocrlf", "false")
    commit(top)
    return top / request.param


def test_fix_mends_and_says_what(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    before = (folder / THEME).read_bytes()
    assert validate(folder, "--strict") == 1
    capsys.readouterr()
    assert validate(folder, "--strict", "--fix") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Mended 2 findings in 2 files:"
    assert [line.strip() for line in lines[1:3]] == [THEME, LISTING]
    assert {line.split()[-1] for line in lines[3:5]} == {"catalog-link-title-wrong", "catalog-listing-wrong"}
    assert "valid in strict mode: 0 errors" in lines[-1]
    assert (folder / THEME).read_bytes() == before.replace(b'"title": "Wrong"', b'"title": "Themes"')
    assert json.loads((folder / LISTING).read_bytes()) == json.loads(seed_files()[LISTING])
    assert validate(folder, "--strict", "--fix") == 0
    assert "Mended" not in capsys.readouterr().out


def test_what_takes_a_decision_is_left_and_the_exit_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    land = folder / "themes/land/catalog.json"
    land.write_bytes(land.read_bytes().replace(b'"id": "land"', b'"id": "sea"'))
    held = land.read_bytes()
    assert validate(folder, "--fix") == 1
    out = capsys.readouterr().out
    assert "Mended 2 findings in 2 files:" in out
    assert "[catalog-id-differs]" in out
    assert land.read_bytes() == held


def test_the_diff_writes_nothing_and_git_makes_the_same_tree_of_it(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    spoil(folder)
    before = tree(folder)
    assert validate(folder, "--strict", "--fix", "--diff") == 0
    printed = capfdbinary.readouterr()
    assert tree(folder) == before
    assert printed.out.startswith(f"--- a/{THEME}\n+++ b/{THEME}\n@@ -".encode())
    assert b"--fix would mend 2 findings in 2 files" in printed.err
    assert validate(folder, "--strict", "--fix") == 0
    mended = tree(folder)
    for path, content in before.items():
        (folder / path).write_bytes(content)
    git(folder, "apply", "--whitespace=nowarn", "-", stdin=printed.out)
    assert tree(folder) == mended


def test_the_diff_of_a_valid_catalog_is_empty(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert validate(folder, "--strict", "--fix", "--diff") == 0
    assert capfdbinary.readouterr().out == b""


def test_the_diff_leaves_the_report_to_a_file(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    spoil(folder)
    assert validate(folder, "--fix", "--diff", "--json", "--output", tmp_path / "report.json") == 0
    told = json.loads((tmp_path / "report.json").read_bytes())
    assert (told["valid"], told["edited"]) == (True, [THEME, LISTING])
    assert {one["code"] for one in told["mended"]} == {"catalog-link-title-wrong", "catalog-listing-wrong"}
    assert capfdbinary.readouterr().out.startswith(b"--- a/")


def test_a_bare_repository_is_not_edited_but_its_diff_is_shown(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    create_catalog(tmp_path / "catalog.git")
    assert validate(tmp_path / "catalog.git", "--fix") == 2
    printed = capfdbinary.readouterr()
    assert printed.out == b""
    assert b"a bare repository has no files that --fix could edit. Mend a clone of it" in printed.err
    assert validate(tmp_path / "catalog.git", "--fix", "--diff") == 0


def test_a_branch_is_told_of_its_own_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    commit(folder)
    land = folder / "themes/land/catalog.json"
    land.write_bytes(land.read_bytes().replace(b'"title": "Land"', b'"title": "Soil"'))
    assert validate(folder, "--strict", "--json", "--changed-since", "HEAD") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["base"] == git(folder, "rev-parse", "HEAD").strip()
    found = {(one["code"], one["file"]) for one in told["findings"]}
    assert ("catalog-link-title-wrong", "themes/catalog.json") in found
    assert not {file for _, file in found} & {THEME, LISTING}
    assert validate(folder, "--strict", "--changed-since", "HEAD", "--format", "junit") == 1
    assert f'name="{LISTING}"' not in capsys.readouterr().out


def test_a_branch_s_own_findings_are_mended_and_no_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    commit(folder)
    held = tree(folder)
    land = folder / "themes/land/catalog.json"
    land.write_bytes(held["themes/land/catalog.json"].replace(b'"title": "Land"', b'"title": "Soil"'))
    assert validate(folder, "--strict", "--fix", "--changed-since", "HEAD") == 0
    out = capsys.readouterr().out
    assert "changes since" in out
    after = tree(folder)
    changed = {path for path in held if after[path] != held[path]}
    assert "themes/catalog.json" in changed
    assert not changed & {THEME, LISTING}
    assert validate(folder, "--strict", "--changed-since", "HEAD") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--diff"], "--diff shows what --fix would write, and --fix is missing. Add --fix."),
        (["--json", "--format", "sarif"], "--json and --format sarif contradict each other. Leave one out."),
        (["--fix", "--diff", "--format", "junit"], "--diff and --format junit would both go to the terminal."),
        (["--changed-since", "nope"], "the repository knows no revision 'nope'."),
        (["--changed-since", ""], "the repository knows no revision ''."),
        (["--changed-since=--upload-pack=x"], "the repository knows no revision '--upload-pack=x'."),
        (["--changed-since"], "requires an argument"),
        (["--format", "xml"], 'Invalid value "xml" for --format'),
        (["--output", "/no/such/folder/report"], "no file can be written here. Name another file."),
        (["--fix", "--output", "/"], "no file can be written here. Name another file."),
    ],
)
def test_a_call_that_cannot_be_answered(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    spoil(folder)
    before = tree(folder)
    assert validate(folder, *arguments) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""
    assert tree(folder) == before


def test_a_folder_outside_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in seed_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert validate(tmp_path, "--changed-since", "main") == 2
    assert "it is in no git repository that can be read (not a git repository" in capsys.readouterr().err


def seconds(*arguments: str | Path, enough: float) -> float:
    """Processor time of one call, git's included, beyond that of a call that only starts.

    Other processes of the machine cost caches, and hence processor time: the best of a few is the truth.
    """

    def spent(*words: str | Path) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code = "import sys; from earthcode_platform.cli.app import main; main()"
        subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for _ in range(8):
        taken = spent(*arguments) - spent("--help")
        if taken < enough:
            break
    return taken


def test_one_changed_file_of_the_real_catalog_is_judged_at_once(
    real_bare: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", str(real_bare), str(checkout))
    product = checkout / "products/fuelity/collection.json"
    product.write_bytes(product.read_bytes().replace(b'"license": "', b'"license": "none-such-', 1))
    arguments = ["--strict", "--schemas", shared / "schemas", "--changed-since", "main"]
    # Half of it on a quiet machine.
    assert seconds("catalog", "validate", checkout, *arguments, enough=0.3) < 0.3
    assert validate(checkout, *arguments, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["file"] for one in told["findings"]} == {"products/fuelity/collection.json"}
    assert "catalog-schema" in {one["code"] for one in told["findings"]}
