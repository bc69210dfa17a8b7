// CloudFront Function, event type "viewer response": the headers that a page can't give itself.
function handler(event) {
  var response = event.response
  var headers = response.headers
  var embed = /\/(ja|en)\/embed\//.test(event.request.uri)
  headers['content-security-policy'] = { value: embed ? 'frame-ancestors *' : "frame-ancestors 'self'" }
  if (!embed) headers['x-frame-options'] = { value: 'SAMEORIGIN' }
  headers['x-content-type-options'] = { value: 'nosniff' }
  headers['referrer-policy'] = { value: 'same-origin' }
  headers['permissions-policy'] = { value: 'camera=(), microphone=(), geolocation=()' }
  headers['cross-origin-opener-policy'] = { value: 'same-origin' }
  return response
}
