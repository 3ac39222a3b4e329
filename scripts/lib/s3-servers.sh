# shellcheck shell=bash
# S3 servers for tests, of three makers: SeaweedFS (with and without TLS), moto, rclone.
# Needs log.sh, keys.sh, processes.sh and the variables of scripts/servers: SERVERS (state folder), PROGRAMS and PORT_*.

# Fixed and public: the servers listen on 127.0.0.1 only and hold what tests write.
S3_ACCESS_KEY=martlet-test
S3_SECRET_KEY=martlet-test-secret
# A second pair of keys, for what splits, quotes or decodes secrets: it has all that people's secrets have.
S3_ODD_ACCESS_KEY=martlet-odd
S3_ODD_SECRET_KEY='odd/secret+with@signs/and=more+'
S3_SERVERS=(seaweedfs moto rclone)

# Behaves like AWS where SeaweedFS' defaults do not: no bucket by accident, none deleted with its content. Volumes are
# small and many, since every bucket takes several. Nothing is reported to anybody (telemetry).
# Every service opens its gRPC port 10,000 above the given one.
seaweedfs_start() {
    local data=$SERVERS/seaweedfs
    mkdir -p "$data"
    keys_authority "$SERVERS/keys" "martlet test S3"
    keys_certificate "$SERVERS/keys" s3 "/CN=martlet test S3 server" "IP:127.0.0.1,DNS:localhost"
    cat >"$SERVERS/seaweedfs-s3.json" <<END
{"identities": [{"name": "martlet-test", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
  "credentials": [{"accessKey": "$S3_ACCESS_KEY", "secretKey": "$S3_SECRET_KEY"},
    {"accessKey": "$S3_ODD_ACCESS_KEY", "secretKey": "$S3_ODD_SECRET_KEY"}]}]}
END
    process_start "$SERVERS" seaweedfs "$PROGRAMS/weed" server -dir="$data" -ip=127.0.0.1 -ip.bind=127.0.0.1 \
        -master.port="$PORT_SEAWEEDFS_MASTER" -master.volumeSizeLimitMB=1024 -master.telemetry=false \
        -volume.port="$PORT_SEAWEEDFS_VOLUME" -volume.max=1000 \
        -filer -filer.port="$PORT_SEAWEEDFS_FILER" -filer.localSocket="$SERVERS/filer.sock" \
        -s3 -s3.config="$SERVERS/seaweedfs-s3.json" -s3.localSocket="$SERVERS/s3.sock" \
        -s3.port="$PORT_SEAWEEDFS" -s3.port.https="$PORT_SEAWEEDFS_TLS" \
        -s3.cert.file="$SERVERS/keys/s3.crt" -s3.key.file="$SERVERS/keys/s3.key" \
        -s3.port.iceberg=0 -s3.port.lance=0 -s3.autoCreateBucket=false -s3.allowDeleteBucketNotEmpty=false
}

moto_start() {
    process_start "$SERVERS" moto "$PROGRAMS/moto_server" -H 127.0.0.1 -p "$PORT_MOTO"
}

# Buckets are the folders in $SERVERS/rclone. The variable holds a list in CSV form, hence the quotes.
rclone_start() {
    mkdir -p "$SERVERS/rclone"
    RCLONE_AUTH_KEY="\"$S3_ACCESS_KEY,$S3_SECRET_KEY\",\"$S3_ODD_ACCESS_KEY,$S3_ODD_SECRET_KEY\"" RCLONE_CONFIG=/dev/null \
        process_start "$SERVERS" rclone "$PROGRAMS/rclone" serve s3 --addr "127.0.0.1:$PORT_RCLONE" "$SERVERS/rclone"
}

# Ready means: a signed request for the list of buckets is answered.
s3_await() {
    process_await "$SERVERS" "$1" 60 s3_answers "$2" || die "$1 did not start"
}

s3_answers() {
    curl --silent --fail --noproxy '*' --cacert "$SERVERS/keys/ca.crt" \
        --aws-sigv4 aws:amz:us-east-1:s3 --user "$S3_ACCESS_KEY:$S3_SECRET_KEY" "$1/"
}

s3_servers_up() {
    seaweedfs_start
    moto_start
    rclone_start
    s3_await rclone "http://127.0.0.1:$PORT_RCLONE"
    s3_await moto "http://127.0.0.1:$PORT_MOTO"
    s3_await seaweedfs "http://127.0.0.1:$PORT_SEAWEEDFS"
    s3_await seaweedfs "https://127.0.0.1:$PORT_SEAWEEDFS_TLS"
}

# Killed, not asked: their data is thrown away, and SeaweedFS with many buckets takes half a minute to end.
s3_servers_down() {
    local server
    for server in "${S3_SERVERS[@]}"; do
        process_stop "$SERVERS" "$server" 0
    done
}
