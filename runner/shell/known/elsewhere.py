"""Programs that give a script to a shell elsewhere: where it stands, and how one is sent there.

They are many and alike, so that they are a table.
"""

from __future__ import annotations

from runner.struct import struct


@struct
class Elsewhere:
    """The script stands behind the word `mark` and so many operands as `data` says.

    `sends` is how a command begins that takes its input to another machine; empty if it goes to none.
    """

    mark: str = ""
    data: int = 0
    sends: str = ""


shells_elsewhere: dict[str, Elsewhere] = {
    "adb": Elsewhere("shell", sends="adb shell"),
    "ddev": Elsewhere("exec"),
    "docker-machine": Elsewhere("ssh", 1, "docker-machine ssh …"),
    "fab": Elsewhere("--"),
    "gcloud": Elsewhere("--", sends="gcloud compute ssh … --command"),
    "heroku": Elsewhere("run", sends="heroku run …"),
    "minikube": Elsewhere("ssh", sends="minikube ssh"),
    "sops": Elsewhere("exec-env", 1),
    "tailscale": Elsewhere("ssh", 1, "tailscale ssh …"),
    "wp": Elsewhere("eval"),
    "vagrant": Elsewhere(sends="vagrant ssh -c"),
}
