"""Cuts the fonts down to what a picture needs.

    npm pack inter-ui@4.1.1 @fontsource/jetbrains-mono@5.3.0     # and unpack both below one folder
    pip install fonttools==4.60.1 brotli==1.2.1 && python3 subset.py FOLDER

Without hinting, which is of no use to a renderer that does not hint, and with kerning and the placing of marks only.
"""

import pathlib
import sys

from fontTools import subset

TEXT = (
    "0020-007E,00A0-024F,0300-0304,0306-030C,0323,0327,0328,0370-03FF,0400-052F,1E00-1EFF,2010-2015,2018-201F,2020-2022,2026,2030,2032,2033,2039,203A,2044,"
    "20AC,2116,2122,2190-2193,2212,2248,2260,2264,2265,FFFD"
)
MONO = "0020-007E,00A0-00FF,2026"
PLACED = "kern,mark,mkmk,ccmp"
FONTS = [
    ("inter-ui/web/Inter-Regular.woff2", "Inter-Regular.ttf", TEXT, PLACED),
    ("inter-ui/web/Inter-Bold.woff2", "Inter-Bold.ttf", TEXT, PLACED),
    ("jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2", "JetBrainsMono-Regular.ttf", MONO, ""),
]


def main():
    source = pathlib.Path(sys.argv[1])
    for name, target, characters, features in FONTS:
        subset.main(
            [
                str(source / name),
                f"--unicodes={characters}",
                f"--layout-features={features}",
                "--no-hinting",
                "--notdef-outline",
                "--desubroutinize",
                "--name-IDs=0,1,2,3,4,5,6,13,14",
                f"--output-file={pathlib.Path(__file__).parent / target}",
            ]
        )


if __name__ == "__main__":
    main()
