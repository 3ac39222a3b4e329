# shellcheck shell=bash
# Keys and certificates: an authority of our own and what it signs. All files are for their owner only (umask 077).

# keys_authority FOLDER NAME : FOLDER/ca.crt and ca.key, unless they exist.
keys_authority() {
    local folder=$1 name=$2
    [ ! -e "$folder/ca.crt" ] || return 0
    mkdir -p "$folder"
    keys_request "$folder/ca" "/CN=$name" \
        -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
}

# keys_certificate FOLDER NAME SUBJECT [SUBJECT-ALTERNATIVE-NAMES] : FOLDER/NAME.crt and NAME.key, signed by FOLDER/ca.
keys_certificate() {
    local folder=$1 name=$2 subject=$3 alternatives=${4:-}
    local extensions=(-addext basicConstraints=critical,CA:FALSE
        -addext keyUsage=critical,digitalSignature
        -addext "extendedKeyUsage=clientAuth${alternatives:+,serverAuth}")
    [ ! -e "$folder/$name.crt" ] || return 0
    [ -z "$alternatives" ] || extensions+=(-addext "subjectAltName=$alternatives")
    keys_request "$folder/$name" "$subject" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" "${extensions[@]}"
}

# The system's openssl.cnf would add extensions of its own (CA:TRUE among them), so it is not read.
# The certificate gets its name last: if it is there, so is its key.
keys_request() {
    local file=$1 subject=$2 output
    shift 2
    output=$(openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 365 \
        -config <(printf '[req]\ndistinguished_name=name\n[name]\n') -addext subjectKeyIdentifier=hash \
        -subj "$subject" -keyout "$file.key" -out "$file.crt.new" "$@" 2>&1) ||
        { printf '%s\n' "$output" >&2; die "openssl could not make $file.crt"; }
    mv "$file.crt.new" "$file.crt"
}

# keys_pair FILE : FILE.key and FILE.pub, no certificate.
keys_pair() {
    [ ! -e "$1.pub" ] || return 0
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1.key"
    openssl pkey -in "$1.key" -pubout -out "$1.pub"
}

# keys_secret : 32 random hexadecimal digits.
keys_secret() { openssl rand -hex 16; }
