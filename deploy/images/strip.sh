#!/bin/sh
# Takes out of a Debian with Python all that installs: packages of the system's and of Python's.
set -eu
python -m pip --disable-pip-version-check uninstall --yes setuptools wheel pip
rm -rf /usr/local/lib/python3.11/ensurepip /usr/local/bin/pip* /root/.cache
rm -rf /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/lib/apt /usr/lib/dpkg /etc/apt /etc/dpkg
rm -rf /var/lib/apt /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log
