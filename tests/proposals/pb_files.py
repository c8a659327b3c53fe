"""Real elections as Pabulib files, which are not ours to hand on: the fixture `real_files` asks for them."""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("PB_FOLDER", str(Path(__file__).resolve().parents[3] / "shared/data/pb")))
FILES = sorted(FOLDER.glob("*.pb"))
