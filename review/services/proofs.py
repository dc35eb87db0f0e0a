"""Papers behind a conclusion: known by their content, kept privately, pictures without place and time."""

import hashlib

from portal.errors import Refused
from portal.files import clean_image, inspect
from review.models import Proof

MOST_PROOFS = 20


def store_proof(proof: Proof, upload) -> Proof:
    """Look an upload through and save it as this proof, whose owner, uploader and moment are set already.

    The caller records the act the paper belongs to. Raises `Refused` for what may not be uploaded.
    """
    kind = inspect(upload)
    content = clean_image(upload) if kind.is_image else upload
    content.seek(0)
    data = content.read()
    content.seek(0)
    owner = {name: getattr(proof, name) for name in ("opinion", "finding", "overrule")}
    papers = Proof.objects.filter(**owner)
    proof.sha256, proof.size, proof.mime = hashlib.sha256(data).hexdigest(), len(data), kind.mime
    if papers.filter(sha256=proof.sha256).exists():
        raise Refused("“{name}”与已上传的一份依据内容相同，不需要重复上传。", name=upload.name)
    if papers.count() >= MOST_PROOFS:
        raise Refused("一项最多上传 {most} 份依据，请合并后再上传。", most=MOST_PROOFS)
    proof.title = (proof.title.strip() or upload.name)[:120]
    proof.file.save(upload.name, content, save=False)
    proof.save()
    return proof
