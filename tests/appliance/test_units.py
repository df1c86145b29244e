"""The appliance's units, judged by systemd's own programs: nothing to complain of, and little to be attacked."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.systemd

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
MOST_EXPOSED = {"kiosk-ui.service": 2.0, "kiosk-sync.service": 1.5}
"""Of 10. What is left to the screen are its devices, its fonts' and drivers' own needs, and its groups."""


def said(*words: str | Path) -> str:
    """What a program of systemd's prints, on either way."""
    done = subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


def installed(folder: Path) -> list[Path]:
    """The units in *folder*, with a program that exists in the place of the kiosk's."""
    paths = []
    for name in UNITS:
        unit = (FOLDER / name).read_text()
        assert "/usr/bin/kiosk " in unit
        paths.append(folder / name)
        paths[-1].write_text(unit.replace("/usr/bin/kiosk ", "/usr/bin/env "))
    return paths


def test_systemd_has_nothing_to_say_of_them(tmp_path: Path) -> None:
    assert "" == said("systemd-analyze", "verify", "--man=no", "--generators=no", *installed(tmp_path))


def test_a_misspelt_line_would_be_found(tmp_path: Path) -> None:
    paths = installed(tmp_path)
    paths[0].write_text(paths[0].read_text().replace("NoNewPrivileges=", "NoNewPriviledges="))
    assert "NoNewPriviledges" in said("systemd-analyze", "verify", "--man=no", "--generators=no", *paths)


@pytest.mark.parametrize("name", UNITS)
def test_little_of_it_can_be_attacked(tmp_path: Path, name: str) -> None:
    path = next(path for path in installed(tmp_path) if path.name == name)
    report = said("systemd-analyze", "security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", report)
    assert found is not None, report
    assert float(found[1]) <= MOST_EXPOSED[name], report


def test_the_screen_has_no_network_and_the_agent_no_screen() -> None:
    screen, agent = (
        (FOLDER / name).read_text().splitlines() for name in ("kiosk-ui.service", "kiosk-sync.service")
    )
    assert "RestrictAddressFamilies=AF_UNIX AF_NETLINK" in screen
    assert "IPAddressDeny=any" in screen
    assert not any("AF_INET" in line for line in screen)
    assert "PrivateDevices=yes" in agent
    assert not any(line.startswith(("DeviceAllow=", "SupplementaryGroups=")) for line in agent)


def test_nothing_waits_for_a_network_or_for_the_time() -> None:
    for name in UNITS:
        lines = [line for line in (FOLDER / name).read_text().splitlines() if not line.startswith("#")]
        assert not any("network-online" in line or "time-sync" in line for line in lines)


def test_each_folder_has_one_owner_and_the_group_reads(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for part in ("sysusers.d", "tmpfiles.d"):
        shutil.copytree(FOLDER / part, root / "usr/lib" / part)
    (root / "etc").mkdir(parents=True)
    print(said("systemd-sysusers", f"--root={root}"))
    print(said("systemd-tmpfiles", "--create", f"--root={root}"))

    users = {
        line.split(":")[0]: line.split(":")[2] for line in (root / "etc/passwd").read_text().splitlines()
    }
    groups = {line.split(":")[0]: line.split(":") for line in (root / "etc/group").read_text().splitlines()}
    assert {"kiosk-ui", "kiosk-sync"} <= set(groups["kiosk"][3].split(","))
    for folder, owner in (("answers", "kiosk-ui"), ("sync", "kiosk-sync")):
        stat = (root / "var/lib/afterword" / folder).stat()
        assert (int(users[owner]), int(groups["kiosk"][2])) == (stat.st_uid, stat.st_gid)
        assert 0o2750 == stat.st_mode & 0o7777
