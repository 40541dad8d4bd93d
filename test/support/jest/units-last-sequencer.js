const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Runs the tests of units after all others. They take a second each, and so keep all workers busy until the end. Without
 * times of an earlier run, jest goes by the sizes of the files, and the slowest file may run last and alone.
 */
class UnitsLastSequencer extends Sequencer {
  sort(tests) {
    const isUnit = ({ path }) => /[\\/]test[\\/]unit[\\/]/.test(path);
    const sorted = super.sort(tests);
    return [...sorted.filter((test) => !isUnit(test)), ...sorted.filter(isUnit)];
  }
}

module.exports = UnitsLastSequencer;
