"""How smoothly the page shows a result of 100,000 rows: the time between frames.

    PYTHONPATH=hack .venv/bin/python -m bench.page_frames [ROWS ...]   # default: 1,000, 100,000 and 1,000,000

In Chromium on this machine, with a bridge without a cluster: the cursor is moved over the charts, then the
charts are zoomed. A frame counts from one call of requestAnimationFrame to the next.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page
from tests.e2e.browser import running_browser, visitor
from tests.page.served import EDITOR, Served, example_spec, serving
from tests.unit.bridge.builders import parquet

from batterysim import results

ROWS = (1_000, 100_000, 1_000_000)
RECORD = """
window.frames = [];
(function record(before) {
  requestAnimationFrame((now) => {
    if (before) window.frames.push(now - before);
    record(now);
  });
})();
"""
MOVES, ZOOMS, SECONDS_PER_STEP = 60, 6, 0.02


def cycling(rows: int) -> bytes:
    """Return a result with charges, rests and discharges, one row every 6 s."""
    seconds = np.arange(rows) * 6.0
    place = seconds % 6000
    amperes = np.select([place < 3000, place < 3600, place < 5400], [5.0, 0.0, -6.0], 0.0)
    volts = 3.7 - 0.02 * amperes + 0.2 * np.sin(seconds / 60_000) + 0.01 * np.sin(seconds * 1.7)
    return parquet(
        {
            results.TIME: seconds.tolist(),
            results.CURRENT: amperes.tolist(),
            results.VOLTAGE: volts.tolist(),
            results.DISCHARGE_CAPACITY: (np.cumsum(amperes) / 600).tolist(),
        }
    )


def frames_of(page: Page, act: str) -> list[float]:
    """Return the milliseconds of each frame while something is done with the first chart."""
    plot = page.locator(".plot").first
    box = plot.bounding_box()
    if box is None:
        raise SystemExit("there is no chart to measure")
    page.evaluate("window.frames.length = 0")
    if act == "move":
        for step in range(MOVES):
            page.mouse.move(box["x"] + 80 + step * (box["width"] - 100) / MOVES, box["y"] + 60)
            page.wait_for_timeout(SECONDS_PER_STEP * 1000)
    else:
        plot.focus()
        for key in "+" * ZOOMS + "-" * ZOOMS:
            page.keyboard.press(key)
            page.wait_for_timeout(10 * SECONDS_PER_STEP * 1000)
    frames: list[float] = page.evaluate("window.frames")
    return frames


def main() -> None:
    """Print a line for each size."""
    sizes = [int(item) for item in sys.argv[1:]] or ROWS
    print(f"{'rows':>9} {'what':>5} {'frames':>7} {'median ms':>10} {'95 % ms':>8} {'longest ms':>11}")
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        served = Served(Path(folder) / "store")
        for rows in sizes:
            file = Path(folder) / f"{rows}.parquet"
            file.write_bytes(cycling(rows))
            served.add_result(f"rows-{rows}", file, example_spec("ageing"))
        with serving(served):
            for rows in sizes:
                with visitor(browser, served.url, token=EDITOR) as someone:
                    someone.page.add_init_script(RECORD)
                    someone.open(f"#/simulations/default/rows-{rows}")
                    someone.page.locator(".plot canvas").nth(1).wait_for()
                    someone.page.wait_for_timeout(1000)
                    for act in ("move", "zoom"):
                        frames = frames_of(someone.page, act)
                        shown = statistics.median(frames), float(np.quantile(frames, 0.95)), max(frames)
                        numbers = " ".join(
                            f"{value:{width}.0f}" for value, width in zip(shown, (10, 8, 11), strict=True)
                        )
                        print(f"{rows:>9} {act:>5} {len(frames):>7} {numbers}")


if __name__ == "__main__":
    main()
