#!/usr/bin/env bash
# peers.sh BIN PEER - the lab against programs that we did not write.
#
#   nginx     our client's 1,000 GETs are 1,000 times 200 on 100 connections
#   fetchall  lesson 18's tool: 1,000 URLs of nginx, each body in a file
#   apache    our client's GETs from Apache: a file, and a page in chunks
#   lighttpd  the same from lighttpd, whose pages in chunks come from a CGI
#   proxy     nginx in front of our origin
#   curl      curl against our origin
#   wrk       wrk -c100 against our origin: no error
#   aiohttp   aiohttp's client against our origin
#   server    our client against Python's http.server
#   tls       our client, over openssl s_client, against nginx with TLS, and
#             against those whom it must not believe
#
# Exit 77: that peer is not installed. Everything listens on 127.0.0.1 and
# ends with this script.
set -euo pipefail
bin=$1 peer=$2
dir=$(mktemp -d)
pids=()

finish() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap finish EXIT

need() {
    local program
    for program; do
        command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || {
            echo "skipped: no $program"
            exit 77
        }
    done
}

fail() {
    echo "FAILED: $*"
    exit 1
}

# For servers that take no 0. Below those that the kernel gives to the tests
# beside us: one of them could have it before the server has.
free_port() {
    python3 -c 'import random, socket
for port in random.sample(range(20000, 32000), 100):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    print(port)
    break'
}

await() { # until the command succeeds, at most five seconds
    local i
    for i in $(seq 100); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    fail "still not true after 5 s: $*"
}

start_origin() {
    "$bin/origin" > "$dir/origin" & pids+=($!)
    await grep -q http "$dir/origin"
    url=$(grep -o 'http://[^ ]*' "$dir/origin")
}

run_nginx() { # NAME of its files, what its http block says
    cat > "$dir/$1.conf" <<CONF
daemon off; pid $dir/$1.pid; error_log $dir/error.log;
events { worker_connections 2048; }
http {
    client_body_temp_path $dir/tmp; proxy_temp_path $dir/tmp;
    fastcgi_temp_path $dir/tmp; uwsgi_temp_path $dir/tmp;
    scgi_temp_path $dir/tmp;
    $2
}
CONF
    chmod 755 "$dir" "$dir/www"
    PATH=$PATH:/usr/sbin nginx -c "$dir/$1.conf" -p "$dir" \
        2> "$dir/nginx.err" & pids+=($!)
}

start_nginx() { # the location's directives
    port=$(free_port)
    mkdir -p "$dir/www" "$dir/tmp"
    echo hello > "$dir/www/index.html"
    run_nginx nginx "
        keepalive_requests 100000;
        log_format c '\$connection \$status'; access_log $dir/c.log c;
        server { listen 127.0.0.1:$port; root $dir/www; location / { $1 } }"
    await curl -sf "http://127.0.0.1:$port/"
}

certify() { # NAME, subject's alternative name, more of openssl ca's options
    local name=$1 alternative=$2
    shift 2
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj "/CN=$name" -addext "subjectAltName=$alternative" \
        -keyout "$dir/$name.key" -out "$dir/$name.csr" 2>> "$dir/openssl"
    openssl ca -batch -notext -config "$dir/ca.conf" -in "$dir/$name.csr" \
        -out "$dir/$name.pem" "$@" 2>> "$dir/openssl"
}

make_ca() {
    cat > "$dir/ca.conf" <<CONF
[ca]
default_ca = here
[here]
new_certs_dir = $dir
database = $dir/index
serial = $dir/serial
private_key = $dir/ca.key
certificate = $dir/ca.pem
default_md = sha256
default_days = 2
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
CONF
    : > "$dir/index"
    echo 01 > "$dir/serial"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -days 2 -subj "/CN=a CA made on the spot" \
        -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>> "$dir/openssl"
}

# nginx's server again, by TLS, with a certificate; into $secure.
start_tls() { # NAME of the certificate
    secure=$(free_port)
    run_nginx "$1" "
        access_log off;
        server {
            listen 127.0.0.1:$secure ssl;
            ssl_certificate $dir/$1.pem; ssl_certificate_key $dir/$1.key;
            root $dir/www;
        }"
    await curl -sfk "https://127.0.0.1:$secure/"
}

s_clients() { # PORT: those that speak to it
    local file
    for file in /proc/[0-9]*/cmdline; do
        tr '\0' ' ' < "$file" && echo
    done 2> "$dir/gone" | grep "[s]_client.*127.0.0.1:$1" || true
}

refused() { # URL, words
    local code=0
    "$bin/17_https" --ca "$dir/ca.pem" --url "$1" > "$dir/out" 2>&1 \
        || code=$?
    [ $code -eq 1 ] || fail "$1: status $code, $(cat "$dir/out")"
    grep -q "$2" "$dir/out" || fail "$1: no \"$2\" in $(cat "$dir/out")"
}

start_apache() {
    local modules=/usr/lib/apache2/modules
    port=$(free_port)
    mkdir -p "$dir/www"
    cat > "$dir/apache.conf" <<CONF
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $dir/apache.pid
ErrorLog $dir/error.log
DefaultRuntimeDir $dir
Mutex pthread
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule mime_module $modules/mod_mime.so
LoadModule include_module $modules/mod_include.so
ThreadsPerChild 128
MaxRequestWorkers 128
ServerLimit 1
StartServers 1
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 30
DocumentRoot $dir/www
TypesConfig /dev/null
AddType text/html .html .shtml
AddOutputFilter INCLUDES .shtml
<Directory $dir/www>
    Options +Includes
    Require all granted
</Directory>
CONF
    chmod -R a+rX "$dir"
    PATH=$PATH:/usr/sbin apache2 -f "$dir/apache.conf" -DFOREGROUND \
        2> "$dir/apache.err" & pids+=($!)
    await curl -sf "http://127.0.0.1:$port/hello.html"
}

start_lighttpd() {
    port=$(free_port)
    mkdir -p "$dir/www"
    cat > "$dir/lighttpd.conf" <<CONF
server.bind = "127.0.0.1"
server.port = $port
server.document-root = "$dir/www"
server.errorlog = "$dir/error.log"
server.pid-file = "$dir/lighttpd.pid"
server.upload-dirs = ( "$dir" )
server.modules = ( "mod_cgi" )
server.stream-response-body = 1
server.max-keep-alive-requests = 100000
cgi.assign = ( ".sh" => "/bin/sh" )
mimetype.assign = ( ".html" => "text/html" )
CONF
    PATH=$PATH:/usr/sbin lighttpd -D -f "$dir/lighttpd.conf" \
        2> "$dir/lighttpd.err" & pids+=($!)
    await curl -sf "http://127.0.0.1:$port/hello.html"
}

# A file and a page in chunks, read whole, ten times on one connection; and
# many at once.
ask_for_both() { # the page in chunks
    local root=http://127.0.0.1:$port
    curl -s -D "$dir/head" -o "$dir/page" "$root/$1"
    grep -qi '^transfer-encoding: chunked' "$dir/head" \
        || fail "$1 is not in chunks: $(cat "$dir/head")"
    [ "$(wc -c < "$dir/page")" -gt 100000 ] || fail "$1 is short"
    "$bin/peer_client" "$root/hello.html" 10 | tee "$dir/out"
    grep -q '10 times 200, 60 bytes, 1 connection$' "$dir/out" \
        || fail "a file, ten times"
    "$bin/peer_client" "$root/$1" 10 | tee "$dir/out"
    grep -q "10 times 200, $((10 * $(wc -c < "$dir/page"))) bytes, 1 conn" \
        "$dir/out" || fail "a page in chunks, ten times"
    "$bin/11_gather" --only thousand --url "$root/hello.html" \
        | tee "$dir/out"
    # How many connections is not ours to say: fetch_status leaves without
    # the body, and if head and body came apart, its connection is closed.
    grep -q '1000 requests, 1000 times 200' "$dir/out" \
        || fail "not 1000 times 200"
}

case $peer in
nginx)
    need nginx curl python3
    start_nginx 'index index.html;'
    await test -s "$dir/c.log"
    before=$(wc -l < "$dir/c.log")
    "$bin/11_gather" --only thousand --url "http://127.0.0.1:$port/" \
        | tee "$dir/out"
    grep -q '1000 requests, 1000 times 200, 100 connections' "$dir/out" \
        || fail "not 1000 times 200 on 100 connections"
    await eval '[ $(wc -l < "$dir/c.log") -ge $((before + 1000)) ]'
    tail -n +$((before + 1)) "$dir/c.log" > "$dir/ours"
    [ "$(wc -l < "$dir/ours")" -eq 1000 ] || fail "nginx saw others"
    [ "$(cut -d' ' -f1 "$dir/ours" | sort -u | wc -l)" -eq 100 ] \
        || fail "nginx counts other connections"
    ;;
fetchall)
    need nginx curl python3
    start_nginx 'index index.html;'
    seq -f "http://127.0.0.1:$port/%.0f.html" 0 999 > "$dir/urls"
    for i in $(seq 0 998); do
        head -c "$i" /dev/zero | tr '\0' x > "$dir/www/$i.html"
    done
    code=0
    "$bin/18_fetchall" --from - --output "$dir/pages" --limit 50 \
        < "$dir/urls" > "$dir/out" || code=$?
    tail -n 1 "$dir/out"
    [ $code -eq 1 ] || fail "one is missing, and the status is $code"
    grep -q '^999 ok, 1 failed; [0-9]* bytes in .* 50 connections$' \
        "$dir/out" || fail "not 999 of 1000 on 50 connections"
    [ "$(grep -c '^   404 ' "$dir/out")" -eq 1 ] || fail "no 404"
    [ "$(ls "$dir/pages" | wc -l)" -eq 999 ] || fail "not 999 files"
    for i in $(seq 0 998); do
        cmp "$dir/www/$i.html" "$dir/pages/$(printf %05d $((i + 1)))"-* \
            || fail "page $i"
    done
    ;;
apache)
    need apache2 curl python3
    mkdir "$dir/www"
    echo hello > "$dir/www/hello.html"
    head -c 200000 /dev/zero | tr '\0' x > "$dir/www/page.shtml"
    echo '<!--#echo var="DATE_GMT" -->' >> "$dir/www/page.shtml"
    start_apache
    ask_for_both page.shtml
    ;;
lighttpd)
    need lighttpd curl python3
    mkdir "$dir/www"
    echo hello > "$dir/www/hello.html"
    cat > "$dir/www/page.sh" <<'SH'
printf 'Content-Type: text/plain\r\n\r\n'
head -c 200000 /dev/zero | tr '\0' x
SH
    start_lighttpd
    ask_for_both page.sh
    ;;
proxy)
    need nginx curl python3
    start_origin
    start_nginx "proxy_pass $url; proxy_http_version 1.1;
                 proxy_set_header Connection '';"
    [ "$(curl -s "http://127.0.0.1:$port/bytes/100000" | wc -c)" -eq 100000 ]
    [ "$(curl -s "http://127.0.0.1:$port/chunked/70000" | wc -c)" -eq 70000 ]
    [ "$(curl -s -d hello "http://127.0.0.1:$port/echo")" = hello ]
    [ "$(curl -s -o "$dir/o" -w '%{http_code}' \
        "http://127.0.0.1:$port/status/404")" -eq 404 ]
    "$bin/11_gather" --only thousand --url "http://127.0.0.1:$port/" \
        | tee "$dir/out"
    grep -q '1000 times 200' "$dir/out" || fail "through the proxy"
    ;;
curl)
    need curl
    start_origin
    [ "$(curl -s "$url")" = hello ]
    [ "$(curl -s "${url}bytes/1000000" | wc -c)" -eq 1000000 ]
    [ "$(curl -s "${url}chunked/1000000" | wc -c)" -eq 1000000 ]
    head -c 500000 /dev/zero > "$dir/body"
    curl -s -T "$dir/body" "${url}echo" | cmp - "$dir/body"
    curl -s -H 'Transfer-Encoding: chunked' --data-binary @"$dir/body" \
        "${url}echo" | cmp - "$dir/body"
    [ "$(curl -sI "${url}bytes/5" | grep -ci 'content-length: 5')" -eq 1 ]
    [ "$(curl -sL -o "$dir/o" -w '%{num_redirects} %{http_code}' \
        "${url}redirect/3")" = '3 200' ]
    [ "$(curl -s -o "$dir/o" -w '%{http_code}' "${url}nowhere")" -eq 404 ]
    [ "$(curl -s -w '%{num_connects}' -o "$dir/o" "$url" -o "$dir/o" "$url" \
        -o "$dir/o" "$url")" = 100 ] || fail "no keep-alive"
    code=0; curl -s "${url}drop" || code=$?
    [ $code -eq 52 ] || fail "/drop: curl says $code"
    curl -s --parallel --parallel-max 100 \
        $(for i in $(seq 300); do echo "$url"; done) > "$dir/many" 2> "$dir/progress"
    [ "$(grep -c hello "$dir/many")" -eq 300 ] || fail "curl -Z"
    ;;
wrk)
    need wrk
    start_origin
    wrk -c100 -t1 -d2s "$url" | tee "$dir/out"
    ! grep -Eq 'Socket errors|Non-2xx' "$dir/out" || fail "wrk saw errors"
    ;;
aiohttp)
    python=
    for candidate in /usr/bin/python3 python3; do
        "$candidate" -c 'import aiohttp' 2>/dev/null && python=$candidate
    done
    [ -n "$python" ] || { echo "skipped: no aiohttp"; exit 77; }
    start_origin
    "$python" - "$url" <<'PY'
import asyncio, sys, time
import aiohttp

async def status(session, url):
    async with session.get(url) as response:
        await response.read()
        return response.status

async def main(url):
    async with aiohttp.ClientSession() as session:
        begun = time.monotonic()
        codes = await asyncio.gather(*(status(session, url)
                                       for _ in range(1000)))
        print(f"aiohttp: {codes.count(200)} times 200 in "
              f"{time.monotonic() - begun:.2f} s")
        assert codes == [200] * 1000
        async with session.put(url + "echo", data=b"x" * 100000) as response:
            assert await response.read() == b"x" * 100000
        async with session.get(url + "chunked/100000") as response:
            assert len(await response.read()) == 100000

asyncio.run(main(sys.argv[1]))
PY
    ;;
server)
    need python3
    mkdir "$dir/www"
    echo hello > "$dir/www/index.html"
    python3 -u -m http.server 0 --bind 127.0.0.1 --protocol HTTP/1.1 \
        --directory "$dir/www" > "$dir/log" 2> "$dir/requests" & pids+=($!)
    await grep -q 'port' "$dir/log"
    port=$(grep -o 'port [0-9]*' "$dir/log" | cut -d' ' -f2)
    "$bin/08_get" --url "http://127.0.0.1:$port/" | tee "$dir/out"
    grep -q 'was 200' "$dir/out" || fail "one GET"
    "$bin/11_gather" --only thousand --count 200 --limit 20 \
        --url "http://127.0.0.1:$port/" | tee "$dir/out"
    # It sends head and body apart, and fetch_status leaves without the body:
    # such a connection is closed, not reused (row H03).
    grep -q '200 requests, 200 times 200' "$dir/out" || fail "200 GETs"
    ;;
tls)
    need nginx openssl curl python3
    mkdir "$dir/www" "$dir/tmp"
    echo hello > "$dir/www/index.html"
    head -c 300000 /dev/urandom > "$dir/www/big"
    make_ca
    certify good IP:127.0.0.1,DNS:localhost
    certify expired IP:127.0.0.1 -startdate 20200101000000Z \
        -enddate 20200102000000Z
    start_tls good
    "$bin/17_https" --ca "$dir/ca.pem" --url "https://localhost:$secure/" \
        | tee "$dir/out"
    grep -q 'status 200, 6 bytes' "$dir/out" || fail "one GET"
    "$bin/17_https" --ca "$dir/ca.pem" \
        --url "https://127.0.0.1:$secure/big" | tee "$dir/out"
    grep -q 'status 200, 300000 bytes' "$dir/out" || fail "a long body"
    "$bin/peer_many" "https://127.0.0.1:$secure/" 10 "$dir/ca.pem" \
        | tee "$dir/out"
    grep -q '10 times 200, 10 connections' "$dir/out" || fail "ten at once"
    code=0
    "$bin/18_fetchall" --ca "$dir/ca.pem" --output "$dir/pages" \
        "https://localhost:$secure/" "https://127.0.0.1:$secure/big" \
        "https://localhost:$secure/nowhere" "https://127.0.0.2:$secure/" \
        > "$dir/out" || code=$?
    cat "$dir/out"
    [ $code -eq 1 ] && grep -q '^2 ok, 2 failed; .* 7 conn' "$dir/out" \
        && grep -q '^ *404 .*nowhere$' "$dir/out" \
        && grep -q '^ *- *0 *4 .* https://127.0.0.2.*refused$' "$dir/out" \
        && cmp "$dir/www/big" "$dir/pages"/00002-* \
        || fail "a list over TLS: status $code"
    code=0
    "$bin/18_fetchall" "https://localhost:$secure/" > "$dir/out" || code=$?
    [ $code -eq 1 ] && grep -q '^ *- *0 *1 .*unable to get' "$dir/out" \
        || fail "who proves nothing is asked once: $(cat "$dir/out")"
    [ -z "$(s_clients "$secure")" ] || fail "an s_client is left"
    code=0
    "$bin/17_https" --url "https://127.0.0.1:$secure/" > "$dir/out" 2>&1 \
        || code=$?
    [ $code -eq 1 ] && grep -q 'unable to get local issuer' "$dir/out" \
        || fail "an unknown CA: status $code, $(cat "$dir/out")"
    refused "https://127.0.0.2:$secure/" 'refused'
    start_tls expired
    refused "https://127.0.0.1:$secure/" 'certificate has expired'
    openssl s_server -accept 127.0.0.1:0 -key "$dir/good.key" \
        -cert "$dir/good.pem" -www -naccept 1 > "$dir/s_server" 2>&1 \
        < /dev/null & pids+=($!)
    await grep -q 'ACCEPT 127' "$dir/s_server"
    secure=$(grep -o 'ACCEPT 127[^ ]*' "$dir/s_server" | cut -d: -f2)
    "$bin/17_https" --ca "$dir/ca.pem" --url "https://127.0.0.1:$secure/" \
        | tee "$dir/out"
    grep -q 'status 200' "$dir/out" || fail "a GET from s_server"
    start_nginx 'index index.html;'
    refused "https://127.0.0.1:$port/" 'wrong version number\|packet length'
    certify other DNS:other.example
    start_tls other
    refused "https://localhost:$secure/" 'hostname mismatch'
    refused "https://127.0.0.1:$secure/" 'IP address mismatch'
    ;;
*)
    fail "no such peer: $peer"
    ;;
esac
echo "$peer: ok"
