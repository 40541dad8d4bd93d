/** Reads the texts of documents from files. */
import { createReadStream } from 'node:fs';
import { MAXIMUM_INPUT_BYTES, tooLargeMessage } from '../contract/validation/input-limits';
import { PipelineDocumentError } from './document-error';

/** A file may be larger than the document in it, because of comments and indentation. */
const MAXIMUM_FILE_BYTES = 5 * MAXIMUM_INPUT_BYTES;

/** @throws PipelineDocumentError when the file cannot be read, is too large, or is no text */
export async function readDocumentText(file: string): Promise<string> {
  try {
    return decodeDocumentText(await readAtMost(file, MAXIMUM_FILE_BYTES), file);
  } catch (error) {
    if (error instanceof PipelineDocumentError) throw error;
    throw new PipelineDocumentError(file, [{ path: '', message: describeReadError(error) }], { cause: error });
  }
}

/**
 * Decodes the bytes of a file: UTF-8 or, with a byte order mark, UTF-16, in which PowerShell of Windows writes files.
 *
 * @throws PipelineDocumentError when they are in another encoding
 */
export function decodeDocumentText(bytes: Uint8Array, file: string): string {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    // UTF-16 without a mark has them, and no document does.
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new PipelineDocumentError(file, [{ path: '', message: 'is no text in UTF-8; save it in that encoding' }]);
}

/** By its byte order mark: https://www.unicode.org/faq/utf_bom.html */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** The file may be a pipe or a device that never ends. */
async function readAtMost(file: string, limitBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new PipelineDocumentError(file, [{ path: '', message: tooLargeMessage() }]);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function describeReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'the file does not exist';
  if (code === 'EISDIR') return 'is a folder; expected the file of a document';
  return `cannot be read (${code ?? String(error)})`;
}
