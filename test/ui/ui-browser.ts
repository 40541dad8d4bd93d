import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where pictures are kept; left out: nowhere. */
const SCREENSHOT_FOLDER = process.env['SCREENSHOT_FOLDER'];

/** Wide enough for what a user sees without scrolling. */
const WIDTH = 1600;
const PICTURE_HEIGHT = 850;

/** A machine that runs all tests in parallel is slow. */
const PATIENCE_MS = 30_000;

/** Temporal's UI in a real browser. */
export class UiBrowser {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly uiUrl: string,
  ) {}

  static async open(executablePath: string, uiUrl: string): Promise<UiBrowser> {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: PICTURE_HEIGHT },
      deviceScaleFactor: 1.25,
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    page.setDefaultTimeout(PATIENCE_MS);
    return new UiBrowser(browser, page, uiUrl);
  }

  /** Opens a page of the namespace, as a user's link does. */
  async goto(path: string): Promise<void> {
    const url = this.urlOf(path);
    if (this.page.url().startsWith(this.uiUrl)) await followLink(this.page, url);
    else await this.page.goto(url);
  }

  /** Opens a page of the namespace anew, so that the UI reads what it has stored. */
  async load(path: string): Promise<void> {
    await this.page.goto(this.urlOf(path));
  }

  private urlOf(path: string): string {
    return `${this.uiUrl}/namespaces/default/${path}`;
  }

  /** Opens a tab of a workflow's page, as its address names it; the first one when left out. */
  async workflow({ workflowId, runId }: { workflowId: string; runId: string }, tab = 'timeline'): Promise<void> {
    await this.goto(`workflows/${encodeURIComponent(workflowId)}/${runId}/${tab}`);
  }

  /** Resolves once a text shows, wherever on the page. */
  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** All that is to be read on the page. */
  text(): Promise<string> {
    // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not to be read
    return this.page.locator('body').innerText();
  }

  /** The rows of the table on the page. */
  rows(): Promise<string[]> {
    return this.page.locator('tbody tr').allInnerTexts();
  }

  /** Which columns lists of workflows have once they are loaded: where the UI keeps a user's choice. */
  async columns(labels: readonly string[]): Promise<void> {
    const columns = { default: labels.map((label) => ({ label, pinned: false })) };
    const stored = JSON.stringify(JSON.stringify(columns));
    await this.page.addInitScript({ content: `localStorage.setItem('namespace-workflow-table-columns', ${stored})` });
  }

  /** The codec server that pages use once they are loaded: where the UI keeps a user's choice. */
  async useCodecServer(endpoint: string): Promise<void> {
    const settings = { endpoint, overrideRemoteCodecConfiguration: true };
    const lines = Object.entries(settings).map(([name, value]) => {
      return `localStorage.setItem('${name}', ${JSON.stringify(JSON.stringify(value))});`;
    });
    await this.page.addInitScript({ content: lines.join('\n') });
  }

  /** What is shown of the Markdown on the page. */
  markdown(): MarkdownOnPage {
    return new MarkdownOnPage(this.page);
  }

  /** Keeps what is to be seen, as `<name>.png`, where pictures are wanted. @param height in pixels of the page */
  async picture(name: string, height = PICTURE_HEIGHT): Promise<void> {
    if (SCREENSHOT_FOLDER === undefined) return;
    await mkdir(SCREENSHOT_FOLDER, { recursive: true });
    await this.page.setViewportSize({ width: WIDTH, height });
    await this.page.screenshot({ path: join(SCREENSHOT_FOLDER, `${name}.png`) });
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

/** The UI shows each piece of Markdown in a frame of its own. */
class MarkdownOnPage {
  constructor(private readonly page: Page) {}

  async shows(text: string): Promise<void> {
    await this.page.locator('iframe').last().contentFrame().getByText(text).first().waitFor();
  }

  async text(): Promise<string> {
    const texts = await Promise.all(
      // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not to be read
      (await this.page.locator('iframe').all()).map((frame) => frame.contentFrame().locator('body').innerText()),
    );
    return texts.join('\n');
  }

  /** Where its links lead. */
  async links(): Promise<string[]> {
    const frames = await this.page.locator('iframe').all();
    const links = frames.map((frame) =>
      frame
        .contentFrame()
        .locator('a')
        .evaluateAll((anchors: unknown[]) => anchors.map((anchor) => (anchor as { href: string }).href)),
    );
    return (await Promise.all(links)).flat();
  }

  /** Opens the page that a link leads to. */
  async follow(text: string): Promise<void> {
    const href = (await this.links()).find((link) => link.includes('pending-activities'));
    if (href === undefined) throw new Error(`No link '${text}'`);
    await followLink(this.page, href);
  }
}

/** Clicks a link to another page of the UI, which stays loaded: to load it takes two seconds of processor time. */
async function followLink(page: Page, url: string): Promise<void> {
  await page.evaluate(`{
    const link = document.createElement('a');
    link.href = ${JSON.stringify(url)};
    document.querySelector('a[href]').after(link);
    link.click();
    link.remove();
  }`);
  await page.waitForURL((shown) => shown.href.startsWith(url));
}
