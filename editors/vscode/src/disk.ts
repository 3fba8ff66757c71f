/** The disk that the finder asks. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import type { Disk } from './finder';

export const disk: Disk = {
  runs(file) {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  },
  real(file) {
    try {
      return realpathSync(file);
    } catch {
      return file;
    }
  },
};
