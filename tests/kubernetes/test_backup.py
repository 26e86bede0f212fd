"""The nightly dump: whole or not there, of one moment, its password on no command line; old ones go after a new one."""

import os
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.landscape import DNS, places, policies
from tests.kubernetes.manifests import PROD, ROOT, container, manifests_of, named, pod_template
from tests.kubernetes.reach import entering, leaving, ports_named

SCRIPT = ROOT / "base/backup/backup.sh"
URI = "mongodb://backup:a%24ecret@mongodb-svc:27017/?authSource=admin&tls=true"
MONGODUMP = """#!/bin/bash
for argument in "$@"; do case "$argument" in
  --archive=*) archive="${argument#--archive=}";;
  --config=*) cp "${argument#--config=}" "$SEEN.config";;
esac; done
echo "$@" > "$SEEN"
echo dumped > "$archive"
exit "${STATUS:-0}"
"""
DF = """#!/bin/bash
printf 'Use%%\\n %s%%\\n' "$USED"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty volume, beside a mongodump that only notes how it was called and a df that says what it is told."""
    for name, text in (("mongodump", MONGODUMP), ("df", DF)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    volume = tmp_path / "backup"
    volume.mkdir()
    return volume


def back_up(folder: Path, status: int = 0, used_percent: int = 40) -> subprocess.CompletedProcess[str]:
    """Run the script as the CronJob does."""
    told = {"BACKUP_DIR": str(folder), "KEEP_DAYS": "14", "MONGODB_URI": URI, "SEEN": str(folder.parent / "seen")}
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    environment = {**told, "PATH": path, "STATUS": str(status), "USED": str(used_percent)}
    return subprocess.run(["bash", SCRIPT], env=environment, capture_output=True, text=True, check=False)


def aged(path: Path, days: float) -> Path:
    """A file of that age."""
    path.touch()
    then = time.time() - days * 24 * 60 * 60
    os.utime(path, (then, then))
    return path


def test_a_dump_gets_its_name_when_it_is_whole(folder: Path) -> None:
    done = back_up(folder)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.iterdir()
    assert archive.name.endswith("Z.archive.gz")
    assert archive.stat().st_mode & 0o077 == 0
    assert "--oplog" in (folder.parent / "seen").read_text().split()


def test_the_password_stands_in_a_file_and_on_no_command_line(folder: Path) -> None:
    done = back_up(folder)
    assert yaml.safe_load((folder.parent / "seen.config").read_text()) == {"uri": URI}
    assert "ecret" not in (folder.parent / "seen").read_text() + done.stdout + done.stderr


def test_a_dump_that_fails_is_a_failure_and_takes_no_older_one_away(folder: Path) -> None:
    old = aged(folder / "20260101T021700Z.archive.gz", days=30)
    assert back_up(folder, status=1).returncode != 0
    assert old.exists()
    assert [path.suffix for path in folder.iterdir() if path != old] == [".unfinished"]


def test_old_dumps_and_what_a_broken_run_left_go(folder: Path) -> None:
    aged(folder / "20260101T021700Z.archive.gz", days=16)
    kept = aged(folder / "20260102T021700Z.archive.gz", days=13)
    aged(folder / "20260103T021700Z.archive.gz.unfinished", days=1)
    assert back_up(folder).returncode == 0
    assert kept in folder.iterdir()
    assert len(list(folder.iterdir())) == 2


def test_a_dump_that_leaves_too_little_room_is_kept_and_is_a_failure_that_is_not_tried_again(folder: Path) -> None:
    old = aged(folder / "20260101T021700Z.archive.gz", days=30)
    done = back_up(folder, used_percent=86)
    assert "14 % of the volume is free" in done.stderr
    assert [path.name.endswith("Z.archive.gz") for path in folder.iterdir() if path != old] == [True]
    assert not old.exists()
    job = named(manifests_of(PROD), "CronJob", "mongodb-backup")["spec"]["jobTemplate"]["spec"]
    (rule,) = job["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["operator"]) == ("FailJob", "In")
    assert rule["onExitCodes"]["values"] == [done.returncode]
    assert back_up(folder, used_percent=85).returncode == 0


def test_df_says_what_is_used_in_the_form_that_the_script_reads(tmp_path: Path) -> None:
    said = subprocess.run(["df", "--output=pcent", tmp_path], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1].strip().removesuffix("%").isdigit()


def test_the_users_that_dump_and_restore_name_no_database() -> None:
    """`mongodump --oplog` refuses to run for one database, and a path in the address is one."""
    uri = named(manifests_of(PROD), "ExternalSecret", "mongodb-backup")["spec"]["target"]["template"]["data"]["uri"]
    assert ":27017/?" in uri
    assert ":27017/?" in (ROOT / "components/restore/password.yaml").read_text()


def test_the_cron_job_tells_the_script_all_that_it_wants() -> None:
    told = {each["name"] for each in container(named(manifests_of(PROD), "CronJob", "mongodb-backup"))["env"]}
    assert told == {"BACKUP_DIR", "KEEP_DAYS", "MONGODB_URI"}


def test_dumps_are_copied_by_a_pod_that_reads_them_knows_no_password_and_reaches_nobody() -> None:
    manifests = manifests_of(PROD)
    dumps, process = (workload := named(manifests, "Deployment", "dumps"))["spec"], container(workload)
    assert dumps["replicas"] == 0
    assert not process.keys() & {"env", "envFrom"}
    assert pod_template(workload)["spec"]["volumes"] == [
        {"name": "backup", "persistentVolumeClaim": {"claimName": "mongodb-backup"}}
    ]
    assert process["volumeMounts"] == [{"name": "backup", "mountPath": "/backup", "readOnly": True}]
    said, there = policies(manifests), places(manifests)
    assert {each.target for each in leaving(said, there, ports_named(said)) if each.source == "dumps"} == {DNS}
    assert not {each.source for each in entering(said, there, ports_named(said)) if each.target == "dumps"}
