import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type FrameLocator, type Page } from 'playwright-core';

/** Where pictures are kept; left out: nowhere. */
const SCREENSHOT_FOLDER = process.env['SCREENSHOT_FOLDER'];

/** A machine that runs all tests at once is slow. */
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
      viewport: { width: 1440, height: 900 },
      deviceScaleFactor: 1.5,
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    page.setDefaultTimeout(PATIENCE_MS);
    return new UiBrowser(browser, page, uiUrl);
  }

  /** Opens a page of the namespace. */
  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.uiUrl}/namespaces/default/${path}`);
  }

  /** Opens a tab of a workflow's page, as its address names it; the first one when left out. */
  async workflow({ workflowId, runId }: { workflowId: string; runId: string }, tab = 'timeline'): Promise<void> {
    await this.goto(`workflows/${encodeURIComponent(workflowId)}/${runId}/${tab}`);
  }

  /** Resolves once a text shows, wherever on the page. */
  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** The frames that Markdown is shown in. */
  markdown(nth: number): FrameLocator {
    return this.page.locator('iframe').nth(nth).contentFrame();
  }

  /** Keeps what is to be seen, as `<name>.png`, where pictures are wanted. */
  async picture(name: string, options: { fullPage?: boolean; height?: number } = {}): Promise<void> {
    if (SCREENSHOT_FOLDER === undefined) return;
    await mkdir(SCREENSHOT_FOLDER, { recursive: true });
    if (options.height !== undefined) await this.page.setViewportSize({ width: 1440, height: options.height });
    await this.page.screenshot({ path: join(SCREENSHOT_FOLDER, `${name}.png`), fullPage: options.fullPage ?? false });
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
