export { openBroker as default } from './shared-server';
