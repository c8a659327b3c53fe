"""What a ruler says about a page: targets big enough for a thumb, nothing wider than the screen."""

from playwright.sync_api import Page

TOO_SMALL = """() => {
  const small = [];
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]';
  for (const control of document.querySelectorAll(controls)) {
    const style = getComputedStyle(control);
    if (!control.checkVisibility({visibilityProperty: true}) || !control.getClientRects().length) continue;
    if (control.matches('a') && style.display === 'inline') continue;
    if (control.closest('.vh')) continue;
    const box = (control.closest('label') || control).getBoundingClientRect();
    if (box.width < 43.5 || box.height < 43.5) {
      small.push(`${Math.round(box.width)}x${Math.round(box.height)} ${control.outerHTML.slice(0, 120)}`);
    }
  }
  return small;
}"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1)
    .filter((e) => !e.closest('.vh, .skip, .scroll, .sprite'))
    .slice(0, 5)
    .map((e) => `${Math.round(e.getBoundingClientRect().right)} > ${width}: ${e.outerHTML.slice(0, 120)}`)
    .concat(['wider than the screen']);
}"""


def too_small(page: Page) -> list[str]:
    """Controls under 44 px, except links inside a sentence."""
    return [f"{page.url}: {found}" for found in page.evaluate(TOO_SMALL)]


def too_wide(page: Page) -> list[str]:
    """Parts that make the page scroll sideways."""
    return [f"{page.url}: {found}" for found in page.evaluate(TOO_WIDE)]
