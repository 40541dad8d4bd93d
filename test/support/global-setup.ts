export { openBroker as default } from './shared-dev-server';
