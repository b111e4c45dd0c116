# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the documentation; `make docs` runs it."""

project = "cloudbackup.m365"
project_copyright = "The cloudbackup.m365 contributors"
html_title = html_short_title = "cloudbackup.m365"

extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"

# What leads nowhere is an error. Ansible's own pages are the exception: their labels are on its website, and the build
# needs no network.
nitpicky = True
nitpick_ignore = [
    ("std:ref", label) for label in ("action_plugins", "ansible_configuration_settings", "common_return_values")
]

html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "index.html"}
html_static_path = ["static"]
html_css_files = ["names.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False
