/**
 * The entry of a bundle with the workflows of this project and those of the user. The user's win where two have the same name.
 * `withAirbyteWorkflows` resolves the second module name to the user's workflows.
 */
module.exports = { ...require('../workflows'), ...require('temporal-airbyte/own-workflows') };
