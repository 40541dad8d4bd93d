export { closeBroker as default } from './shared-dev-server';
