"""A result file somebody hands in, computed again from itself alone. Nothing of it is kept."""

from dataclasses import dataclass

from awards import resultfile
from awards.models import Shortlist
from portal.errors import Refused
from voting.services import keys

MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """What a file says and whether it holds: `differences` are empty where all of it is as computed anew.

    `signed`: ours, other (by a key this portal does not know), or none. `is_list`: it is the very file of the
    list it was compared with.
    """

    title: str
    enterprises: int
    digest: str
    signed: str
    key: str
    is_list: bool
    differences: list

    @property
    def holds(self) -> bool:
        return not self.differences


def check_file(shortlist: Shortlist, *, file) -> Checked:
    """Read and compute a handed-in result.json (an open file with a size); `Refused` where it is none."""
    if file.size > MOST_BYTES:
        raise Refused("文件超过 {most} MB，不是本系统的结果文件。", most=MOST_BYTES // 1024 // 1024)
    data = resultfile.parse(file.read())
    differences = resultfile.verify(data)
    if not isinstance(data, dict) or not isinstance(data.get("edition"), dict):
        raise Refused("文件不是结果文件，请使用系统导出的结果文件。")
    signature = data.get("signature")
    key = signature.get("key", "") if isinstance(signature, dict) else ""
    if not isinstance(key, str):
        raise Refused("文件不是结果文件，请使用系统导出的结果文件。")
    ours = {keys.result_signer().verifier, shortlist.key_name} - {""}
    return Checked(
        title=str(data["edition"].get("title", "")),
        enterprises=len(data["nominations"]) if isinstance(data.get("nominations"), list) else 0,
        digest=str(data.get("sha256", "")),
        signed="none" if not key else "ours" if key in ours else "other",
        key=key,
        is_list=not differences and data["sha256"] == shortlist.digest and key == shortlist.key_name,
        differences=differences,
    )
