"""A small web site on a free port of this machine, for web_crawler.proc: prints the port, then serves until it is ended."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGES = {
    "/": ["/animals", "/plants", "/about"],
    "/animals": ["/", "/animals/fox", "/animals/owl", "/animals/unicorn"],
    "/animals/fox": ["/animals", "/animals/hen"],
    "/animals/hen": ["/animals/fox", "/plants/corn"],
    "/animals/owl": ["/animals", "/animals/mouse"],
    "/animals/mouse": ["/animals/owl", "/plants/corn"],
    "/plants": ["/", "/plants/corn", "/plants/oak"],
    "/plants/corn": ["/plants"],
    "/plants/oak": ["/plants", "/animals/owl"],
    "/about": ["/"],
    "/hidden": ["/"],
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path not in PAGES:
            self.send_error(404)
            return
        links = "".join(f'<li><a href="{path}">{path}</a>\n' for path in PAGES[self.path])
        body = f"<!doctype html>\n<title>{self.path}</title>\n<ul>\n{links}</ul>\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
print(server.server_port, flush=True)
server.serve_forever()
