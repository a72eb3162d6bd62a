"""Holds the tables of `--format csv`, as pandas and LibreOffice read them, against what they say.

In: the text of a table. Out: a count of the cells that were read as they are written. Never: an option that makes either
program read text as text; what people get by default counts, and for LibreOffice also the most that it converts.
"""

import csv
import io
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree

try:
    import pandas
except ImportError:
    pandas = None

NUMBERS = {"position", "offset_s", "first_byte", "last_byte", "record", "duration_s", "uploaded_bytes"}
TRUTH_VALUES = {"shared"}
# Columns `,`, quotes `"`, UTF-8, from the first line, no special columns, English of the United States, quoted cells may
# be values, numbers of every kind are sought (LibreOffice Help, "Filter Options for Lotus, dBase and DIF files").
WIDEST = "CSV:44,34,76,1,,1033,false,true"
NAMES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
}
# A cell of LibreOffice has at most so many characters.
MOST_CHARACTERS = 32_767


def name(short):
    """The name of an element or attribute as the parser spells it."""
    space, name_ = short.split(":")
    return f"{{{NAMES[space]}}}{name_}"


def records(table):
    """Header and rows as Python's csv reads them, which check.py holds against the JSON report."""
    csv.field_size_limit(1 << 30)
    header, *rows = csv.reader(io.StringIO(table, newline=""), strict=True)
    return header, rows


def check_pandas(table):
    """pandas, with default options, reads every text as that text, and nothing but an empty cell as absent."""
    if pandas is None:
        return None
    header, rows = records(table)
    frame = pandas.read_csv(io.StringIO(table, newline=""))
    assert list(frame.columns) == header, frame.columns
    assert len(frame) == len(rows), (len(frame), len(rows))
    # A column of one text and many numbers is a column of texts, so each text is tried by itself too.
    columns = [place for place, column in enumerate(header) if column not in NUMBERS | TRUTH_VALUES]
    texts = sorted({row[place] for row in rows for place in columns} - {""})
    for text, read in zip(texts, alone(texts)):
        assert isinstance(read, str) and read == text, (text, read)
    n_texts = 0
    for place, column in enumerate(header):
        for read, row in zip(frame[column].tolist(), rows):
            cell = row[place]
            if cell == "":
                assert pandas.isna(read), (column, read)
            elif column in NUMBERS:
                assert read == int(cell), (column, cell, read)
            elif column in TRUTH_VALUES:
                assert read is (cell == "true"), (column, cell, read)
            else:
                assert isinstance(read, str) and read == cell, (column, cell, read)
                n_texts += 1
    return f"{n_texts} texts are text"


def alone(texts):
    """What pandas makes of some texts, each by itself: a row of so many columns."""
    table = io.StringIO(newline="")
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows([range(len(texts)), texts])
    frame = pandas.read_csv(io.StringIO(table.getvalue(), newline=""))
    return [frame[column].tolist()[0] for column in frame.columns]


def shown(paragraph):
    """The text of a paragraph of OpenDocument, which writes repeated blanks as elements."""
    text = paragraph.text or ""
    for element in paragraph:
        if element.tag == name("text:s"):
            text += " " * int(element.get(name("text:c"), 1))
        else:
            text += shown(element)
        text += element.tail or ""
    return text


def opened(path, *more):
    """The rows of a table as LibreOffice opens it: type and text of each cell."""
    folder = pathlib.Path("target/formats-office")
    profile = (folder / "profile").absolute().as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", *more, "--convert-to", "fods", "--outdir", folder, path]
    subprocess.run(command, capture_output=True, check=True, timeout=600)
    for row in xml.etree.ElementTree.parse(folder / f"{path.stem}.fods").iter(name("table:table-row")):
        cells = []
        for cell in row.iterfind("table:table-cell", NAMES):
            kind = "formula" if cell.get(name("table:formula")) else cell.get(name("office:value-type"))
            text = "".join(shown(part) for part in cell.iterfind("text:p", NAMES))
            # Only empty cells are repeated without end, up to the last column of a sheet.
            n_times = int(cell.get(name("table:number-columns-repeated"), 1))
            cells += [(kind, text)] * min(n_times, 100)
        yield cells


def check_office(table):
    """LibreOffice shows every text as that text, whether it looks for dates and the like or does what it does by default."""
    if shutil.which("soffice") is None:
        return None
    header, rows = records(table)
    path = pathlib.Path("target/formats-office/table.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table, encoding="utf-8", newline="")
    n_texts = 0
    for more in ([], [f"--infilter={WIDEST}"]):
        sheet = iter(opened(path, *more))
        for row in [header, *rows]:
            cells = next(sheet)
            assert len(cells) >= len(row) and all(kind is None for kind, _ in cells[len(row) :]), row[0]
            for column, cell, (kind, text) in zip(header, row, cells):
                if cell == "":
                    assert kind is None, (column, kind, text)
                elif row is not header and column in NUMBERS:
                    assert kind == "float" and float(text) == int(cell), (column, cell, kind, text)
                elif row is not header and column in TRUTH_VALUES:
                    assert kind in ("boolean", "string"), (column, cell, kind)
                else:
                    assert kind == "string", (column, cell, kind, text)
                    # By default it takes the table for one of Windows 1252.
                    if more or cell.isascii():
                        assert text[:MOST_CHARACTERS] == cell[:MOST_CHARACTERS], (column, cell[:100], text[:100])
                    n_texts += 1
    return f"{n_texts} texts are text"


def converted_by_pandas(values):
    """How many of some values pandas takes for more than text."""
    return sum(read != value for value, read in zip(values, alone(values)))


def converted_by_office(values):
    """How many of some values LibreOffice takes for more than text."""
    path = pathlib.Path("target/formats-office/bare.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["value"], *([value] for value in values)])
    sheet = list(opened(path, f"--infilter={WIDEST}"))
    return sum(cells[0][0] not in (None, "string") for cells in sheet[1 : len(values) + 1])
