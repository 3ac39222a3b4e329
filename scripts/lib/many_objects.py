"""Fill a cluster with many small objects, for benchmarks. Only for the clusters of scripts/cluster.

Usage: many_objects.py KUBECTL KUBECONFIG COUNT

Nine ConfigMaps to one Secret, spread over twenty namespaces load-00 to load-19, each object about a kilobyte of seeded
text, so that two runs make the same objects. Prints the seconds it took, and how many objects that were a second.
"""

import base64
import http.client
import json
import multiprocessing
import random
import ssl
import subprocess
import sys
import tempfile
import time

NAMESPACES = 20
WORKERS = 12
WORDS = "heart rate step sleep battery light gyro phone usage audio location weather survey answer study".split()


def connection_facts(kubectl, kubeconfig):
    """Host, port, authority file and token of the kubeconfig's one cluster and user."""
    command = [kubectl, "--kubeconfig", kubeconfig, "config", "view", "--raw", "-o", "json"]
    config = json.loads(subprocess.check_output(command))
    cluster = config["clusters"][0]["cluster"]
    host, port = cluster["server"].removeprefix("https://").split(":")
    authority = tempfile.NamedTemporaryFile(suffix=".crt", delete=False)
    authority.write(base64.b64decode(cluster["certificate-authority-data"]))
    authority.close()
    return host, int(port), authority.name, config["users"][0]["user"]["token"]


def text(generator, words):
    return " ".join(generator.choice(WORDS) + str(generator.randrange(10000)) for _ in range(words))


def make_object(number):
    generator = random.Random(number)
    namespace = f"load-{number % NAMESPACES:02d}"
    labels = {"app.kubernetes.io/name": generator.choice(WORDS), "app.kubernetes.io/part-of": "load"}
    metadata = {"name": f"object-{number:06d}", "namespace": namespace, "labels": labels}
    if number % 10 == 9:
        data = {key: base64.b64encode(text(generator, 20).encode()).decode() for key in ("password", "token")}
        return "secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
    data = {"application.properties": text(generator, 50), "schema.json": json.dumps({"fields": text(generator, 25)})}
    return "configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def create(connection, token, path, item):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", path + "?fieldManager=load", json.dumps(item), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 201, 409):
        sys.exit(f"POST {path}: {answer.status} {body[:300]!r}")


def work(worker, count, facts):
    host, port, authority, token = facts
    connection = http.client.HTTPSConnection(host, port, context=ssl.create_default_context(cafile=authority))
    for number in range(worker, count, WORKERS):
        resource, item = make_object(number)
        create(connection, token, f"/api/v1/namespaces/{item['metadata']['namespace']}/{resource}", item)


def main():
    kubectl, kubeconfig, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    facts = connection_facts(kubectl, kubeconfig)
    host, port, authority, token = facts
    connection = http.client.HTTPSConnection(host, port, context=ssl.create_default_context(cafile=authority))
    for index in range(NAMESPACES):
        item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"load-{index:02d}"}}
        create(connection, token, "/api/v1/namespaces", item)
    begun = time.monotonic()
    with multiprocessing.Pool(WORKERS) as pool:
        pool.starmap(work, [(worker, count, facts) for worker in range(WORKERS)])
    elapsed = time.monotonic() - begun
    print(f"{elapsed:.2f} s, {count / elapsed:.0f} objects a second")


if __name__ == "__main__":
    main()
