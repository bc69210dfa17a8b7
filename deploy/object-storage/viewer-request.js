// CloudFront Function, event type "viewer request": a folder's address stands for its index.html, as on a web server.
// Other CDNs have the like: Cloudflare's Pages and Bunny's "index document" do it by themselves.
function handler(event) {
  var request = event.request
  var uri = request.uri
  if (uri.charAt(uri.length - 1) === '/') {
    request.uri = uri + 'index.html'
    return request
  }
  // No name ends without a dot but a folder's.
  if (uri.slice(uri.lastIndexOf('/')).indexOf('.') < 0) {
    return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: uri + '/' } } }
  }
  return request
}
