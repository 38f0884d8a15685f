const BEGIN = "version https://git-lfs.github.com/spec/";

/**
 * What to say of bytes that are only a Git LFS pointer (a clone made without Git LFS has them in place of large
 * files); undefined for all else.
 */
export function gitLfsPointer(bytes: Uint8Array): string | undefined {
  if (String.fromCharCode(...bytes.subarray(0, BEGIN.length)) !== BEGIN) return undefined;
  return "this is a Git LFS pointer, which only names the real file: `git lfs pull` in its folder fetches that";
}
