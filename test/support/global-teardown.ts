export { closeBroker as default } from './shared-server';
