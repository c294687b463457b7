"""The signed PDF of the simulated provider."""

from integrations.local.simulators.esign.state import SimContract


def signed_pdf(contract: SimContract, min_bytes: int = 0) -> bytes:
    """A small valid PDF with the number and the signers of the contract, padded with a comment to `min_bytes`."""
    signed = ", ".join(f"{signer.sign_order}:{signer.account[:12]}" for signer in contract.signers)
    text = f"Contract {contract.contract_no} signed by {signed}".encode("ascii", "replace")
    stream = b"BT /F1 12 Tf 72 770 Td (" + text.translate(None, b"()\\") + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    if min_bytes > len(document):
        document += b"%" + b"x" * (min_bytes - len(document)) + b"\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return document + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
