#!/usr/bin/env python3
"""Writes src/text/fold.bin, the table behind include/kt/text/fold.hpp.

Sources: Python's unicodedata (Unicode Character Database, Unicode License) for decomposition, case, categories and
digits; the UTS #39 look-alikes as the Python package confusable-homoglyphs carries them (MIT; its data is Unicode's
confusables.txt, Unicode License); the few classes written out below. Only the result is kept in the repository.

  python3 -m venv V && V/bin/pip install confusable-homoglyphs==3.3.1 && V/bin/python tools/unicode/make_fold_table.py

Format (little endian): "KTFOLD1\\0"; u32 pages, records, pool bytes; u16 page_of[0x1100]; u16 record_of[pages][256];
records {u8 norm_length, u8 full_length, u8 flags, u8 zero, u32 norm_at, u32 full_at}; pool. Record 0 keeps a code point.
flags: 1 a disguise by itself, 2 a disguise inside a word of ASCII letters.
"""
import json, pathlib, struct, sys, unicodedata as ucd

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEEP, ALWAYS, IN_WORD = None, 1, 2
LOOK_ALIKE_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET", "TIFINAGH",
                      "CANADIAN", "GEORGIAN", "GOTHIC", "OLD ITALIC", "CARIAN", "LYCIAN", "LYDIAN", "RUNIC", "WARANG",
                      "OSAGE", "ELBASAN", "MIAO", "PAHAWH", "MODIFIER", "MATHEMATICAL", "SCRIPT", "BLACK-LETTER",
                      "DOUBLE-STRUCK", "ESTIMATED", "APL", "CAUCASIAN", "VAI", "BAMUM", "OL CHIKI", "DIVIDES", "RATIO")
WORD = lambda spelled: dict(pair.split("=", 1) for pair in spelled.split())
SMALL_CAPITALS = WORD("ᴀ=a ʙ=b ᴄ=c ᴅ=d ᴇ=e ꜰ=f ɢ=g ʜ=h ɪ=i ᴊ=j ᴋ=k ʟ=l ᴍ=m ɴ=n ᴏ=o ᴘ=p ꞯ=q ʀ=r ꜱ=s ᴛ=t ᴜ=u ᴠ=v ᴡ=w "
                      "ʏ=y ᴢ=z ĸ=k ʍ=m ᴙ=r ᴎ=n")
TURNED = WORD("ɐ=a ɔ=c ǝ=e ɟ=f ƃ=g ɥ=h ᴉ=i ɾ=j ʞ=k ɯ=m ɹ=r ʇ=t ʌ=v ʎ=y")
SIMILAR = WORD("ε=e є=e ɛ=e η=n ω=w ѡ=w ʋ=v ɩ=i ɑ=a ɡ=g ƽ=s ƨ=s ʂ=s в=b к=k м=m н=h т=t ₳=a ฿=b ₵=c ₠=e ₣=f ₭=k ₦=n ₱=p "
               "₮=t ₩=w ℓ=l ℮=e ∂=d ⱥ=a ȼ=c ɓ=b ƈ=c ɗ=d ɖ=d ƒ=f ɠ=g ɦ=h ɨ=i ƙ=k ɫ=l ɱ=m ɲ=n ƥ=p ʠ=q ɽ=r ʈ=t ʉ=u ⱱ=v ⱳ=w "
               "ƴ=y ʐ=z ƶ=z")
# Letters of living alphabets that have no decomposition: read like marks.
STROKES = WORD("ø=o ł=l đ=d ħ=h ŧ=t ı=i ȷ=j ŋ=n ə=e æ=ae œ=oe ð=d þ=th")
PUNCTUATION = WORD("´=' `=' ‘=' ’=' ‚=' ‛=' ′=' ‹=' ›=' “=\" ”=\" „=\" ‟=\" «=\" »=\" 「=\" 」=\" 『=\" 』=\" ″=\" "
                   "。=. 、=, •=* ·=. ×=x ∕=/ ⁄=/ ∗=* ∣=| ¦=|")
INVISIBLE = {0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, 0x061C}


def confusables():
    """ASCII look-alikes by code point, of the scripts whose letters look Latin."""
    import confusable_homoglyphs
    listed = json.loads((pathlib.Path(confusable_homoglyphs.__file__).parent / "confusables.json").read_text())
    found = {}
    for char, others in listed.items():
        for other in sorted(each["c"] for each in others):
            if len(char) == 1 and ord(char) > 127 and other.isascii() and other.isalnum() \
                    and ucd.name(char, "").startswith(LOOK_ALIKE_SCRIPTS):
                found.setdefault(char, other.lower())
    return {**found, **SIMILAR, **TURNED, **SMALL_CAPITALS}


LIKE = confusables()


def stripped(text):
    return "".join(c for c in text if ucd.category(c) not in ("Mn", "Me") and not gone(ord(c)))


def gone(cp):
    category = ucd.category(chr(cp))
    return cp in INVISIBLE or category in ("Cf", "Co", "Cs") or (category == "Cc" and chr(cp) not in "\t\n\v\f\r\x85")


def normal(text):
    """Decomposed, without marks, case folded, until nothing changes."""
    for _ in range(4):
        plain = "".join(PUNCTUATION.get(c, c) for c in text)
        after = "".join(STROKES.get(c, c) for c in stripped(ucd.normalize("NFKD", plain)).casefold())
        if after == text:
            break
        text = after
    return text


def latin(char):
    """The ASCII a character looks like, or itself."""
    for _ in range(3):
        if char in LIKE:
            char = LIKE[char]
        if char.isascii():
            return char
        lower = normal(char)
        if lower == char:
            return char
        char = lower
    return char


def full(char):
    letters = stripped(ucd.normalize("NFKD", char))
    out = ""
    for letter in letters:
        lower = normal(letter)
        by_shape, by_case = latin(letter), "".join(latin(c) for c in lower)
        out += by_case if by_shape == "l" and by_case.isascii() else (by_shape if by_shape.isascii() else by_case)
    return normal(out)


def special(cp):
    """What no decomposition says: (text, flags), or None."""
    char, name, category = chr(cp), ucd.name(chr(cp), ""), ucd.category(chr(cp))
    if 0xE0020 <= cp <= 0xE007E:
        return chr(cp - 0xE0000).lower(), ALWAYS
    if 0xE0100 <= cp <= 0xE01EF or 0xFE00 <= cp <= 0xFE0F:
        byte = cp - 0xFE00 if cp < 0xFE10 else cp - 0xE0100 + 16
        return (chr(byte).lower(), ALWAYS) if 32 <= byte < 127 else ("", 0)
    if 0x1F1E6 <= cp <= 0x1F1FF:
        return chr(cp - 0x1F1E6 + ord("a")), 0
    for kind in ("NEGATIVE CIRCLED LATIN CAPITAL LETTER ", "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
                 "PARENTHESIZED LATIN SMALL LETTER ", "PARENTHESIZED LATIN CAPITAL LETTER "):
        if name.startswith(kind) and len(name) == len(kind) + 1:
            return name[-1].lower(), ALWAYS
    if char in "\v\f\r\x85\u2028\u2029":
        return "\n", 0
    if category == "Zs" or cp == 0x2800:
        return " ", 0
    if category == "Pd" or char == "\u2212":
        return "-", 0
    if ucd.decimal(char, None) is not None:
        return str(ucd.decimal(char)), 0
    if gone(cp):
        overrides = 0x202A <= cp <= 0x202E or 0x2066 <= cp <= 0x2069
        return "", ALWAYS if overrides else (IN_WORD if category == "Cf" and cp != 0xAD else 0)
    return None


def settled(text, column):
    """Folded again until nothing changes."""
    for _ in range(4):
        after = "".join(c.lower() if c.isascii() else (first(ord(c)) or (c, c))[column] for c in text)
        if after == text:
            break
        text = after
    return text


def record(cp):
    """(normal form, form with look-alikes, flags), or KEEP."""
    entry = first(cp)
    return entry and (settled(entry[0], 0), settled(entry[1], 1), entry[2])


def first(cp):
    char, known = chr(cp), special(cp)
    if known:
        return known[0], known[0], known[1]
    if 0xAC00 <= cp <= 0xD7A3 or ucd.category(char) == "Cn":
        return KEEP
    norm, like = normal(char), full(char)
    if norm == like == char:
        return KEEP
    if 0x1D400 <= cp <= 0x1D7FF:
        return norm, like, ALWAYS
    styled = ucd.decomposition(char).split(" ")[0] in ("<font>", "<circle>", "<square>", "<wide>")
    return norm, like, IN_WORD if like.isascii() and like.isalpha() and (styled or norm != like) else 0


def main():
    pool, at, records, index, pages, page_of = bytearray(), {}, [(0, 0, 0, 0, 0)], {}, [], []
    seen_pages = {}

    def place(text):
        data = text.encode()
        if data not in at:
            at[data] = len(pool)
            pool.extend(data)
        return len(data), at[data]

    for page in range(0x1100):
        row = []
        for cp in range(page * 256, page * 256 + 256):
            entry = KEEP if cp < 128 else record(cp)
            if entry is KEEP:
                row.append(0)
                continue
            if entry not in index:
                index[entry] = len(records)
                (norm_length, norm_at), (full_length, full_at) = place(entry[0]), place(entry[1])
                records.append((norm_length, full_length, entry[2], norm_at, full_at))
            row.append(index[entry])
        row = tuple(row)
        if row not in seen_pages:
            seen_pages[row] = len(pages)
            pages.append(row)
        page_of.append(seen_pages[row])
    out = b"KTFOLD1\0" + struct.pack("<3I", len(pages), len(records), len(pool)) + struct.pack(f"<{len(page_of)}H", *page_of)
    out += b"".join(struct.pack("<256H", *row) for row in pages)
    out += b"".join(struct.pack("<4B2I", n, f, flags, 0, a, b) for n, f, flags, a, b in records) + bytes(pool)
    (ROOT / "src/text/fold.bin").write_bytes(out)
    print(f"Unicode {ucd.unidata_version}: {len(pages)} pages, {len(records)} records, {len(out)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
