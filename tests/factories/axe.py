"""A page as axe reads it: WCAG 2.2 AA and its advice, and nothing wider than the window."""

from typing import Any

from playwright.sync_api import Page

from auctionxchange.kernel.config import REPOSITORY

AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
ASKED = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  // What stands in a disabled fieldset is taken for disabled, a box that scrolls too.
  const found = await axe.run({ exclude: ["fieldset[disabled] .bands-box"] },
    { runOnly: { type: "tag", values: tags } });
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const told = found.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ")}`);
  return wide ? [...told, "wider than the window"] : told;
}"""


def faults(page: Page, address: str) -> list[str]:
    """Open a page, which must be there unless it is nowhere, and return what axe has against it."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok or "nowhere" in address, f"{address} answers {answer.status}"
    page.evaluate(AXE.read_text("utf-8"))
    found: Any = page.evaluate(ASKED)
    return [f"{address} {one}" for one in found]
