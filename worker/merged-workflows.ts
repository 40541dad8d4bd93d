/**
 * What a worker bundles that has workflows of its own beside those of this project: both, the own ones first where two
 * have one name. The bundler puts the own ones in the place of the last module's name, see `withAirbyteWorkflows`.
 */
module.exports = { ...require('../workflows'), ...require('temporal-airbyte/own-workflows') };
