"""Draw one page of the PDF on standard input: `page_child.py PAGE LONGEST SECONDS MEGABYTES`.

A process of its own, that knows no Django: what a hostile file can do ends with it. It answers the number of
pages and a line feed, then the page (counted from 1) as WEBP; with PAGE 0 it only counts.
"""

import resource
import sys


def main(page: int, longest: int, seconds: int, megabytes: int) -> None:
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    import pypdfium2

    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    sys.stdout.buffer.write(b"%d\n" % len(document))
    if page:
        sheet = document[page - 1]
        # Four times its own size is enough for the eye; a page of a few points is not blown up.
        scale = min(longest / max(*sheet.get_size(), 1), 4)
        picture = sheet.render(scale=scale).to_pil().convert("RGB")
        picture.save(sys.stdout.buffer, "WEBP", quality=80, method=2)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
