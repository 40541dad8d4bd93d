import type { Dispatcher } from 'undici';

export interface StartListener {
  onStart(): void;
}

/** Tells the request's listener the moment it goes out on a connection. */
export const reportStart: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart(controller, context) {
      (options as { opaque?: StartListener }).opaque?.onStart();
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart: (controller, status, headers, text) =>
      handler.onResponseStart?.(controller, status, headers, text),
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  });
