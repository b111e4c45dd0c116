# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the pictures of the report in docs/images again.

It needs chromium on the PATH, and the checkout as .../ansible_collections/cloudbackup/m365:

    cd .../ansible_collections/cloudbackup/m365
    PYTHONPATH=../../.. python tests/screenshots/make.py

The evidence is the same each time, so a picture changes only with the page, or with the fonts of the machine. With
pngquant on the PATH the pictures are a third as large. To look at the whole pages instead, of a large tenant too, name
a directory for them: they are written there, and no picture is made.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile

from ansible_collections.cloudbackup.m365.tests.screenshots import tenants

IMAGES = pathlib.Path(__file__).parents[2] / "docs" / "images"
PICTURES = {"report.png": ("failing", 1_280, 1_150)}
"""The tenant, the width and the height of the picture in the README."""


def make_pages(directory: pathlib.Path) -> None:
    for tenant in (tenants.healthy, tenants.failing, tenants.undetermined, tenants.fleet):
        (directory / f"{tenant.__name__}.html").write_text(tenants.page_of(tenant()), encoding="utf-8")


def make_pictures(pages: pathlib.Path) -> None:
    IMAGES.mkdir(exist_ok=True)
    for name, (tenant, width, height) in PICTURES.items():
        page = pages / f"{tenant}.html"
        shoot(page, width, height, IMAGES / name)


def shoot(page: pathlib.Path, width: int, height: int, image: pathlib.Path) -> None:
    """One picture of the top of a page."""
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    view = ["--hide-scrollbars", f"--window-size={width},{height}", f"--screenshot={image}", page.as_uri()]
    subprocess.run([*browser, *view], check=True, stderr=subprocess.DEVNULL, timeout=120)
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--strip", "--output", str(image), "256", str(image)], check=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        make_pages(pathlib.Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            make_pages(pathlib.Path(folder))
            make_pictures(pathlib.Path(folder))
