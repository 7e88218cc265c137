"""Programs that go by several names, for all who know something of one: what holds for it holds for each."""

from __future__ import annotations

from runner.shell.known.options import words_of

awks = words_of("awk gawk mawk nawk original-awk goawk")
seds = words_of("sed gsed ssed")
greps = words_of("grep egrep fgrep zgrep")
jqs = words_of("jq yq gojq jaq")
finds = words_of("find gfind")
makes = words_of("make gmake bmake")
dockers = words_of("docker podman nerdctl")
mysqls = words_of("mysql mariadb")
launchers = words_of("srun mpirun mpiexec")
as_user = words_of("su runuser")
