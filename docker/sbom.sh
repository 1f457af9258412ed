#!/bin/sh
# Writes the bill of materials of the image in which it runs, as SPDX 2.3 in JSON: every Debian
# package, what is compiled into our program, and the program.
#   docker/sbom.sh <name> <version> <creation time> <file of what is compiled in>
# The file has lines as docker/packages.sh writes them.
set -eu
name=$1
version=$2
created=$3
compiled_in=$4

{
  "$(dirname "$0")/packages.sh" | sed 's/^/CONTAINS /'
  sed 's/^/STATIC_LINK /' "$compiled_in"
} | awk -v name="$name" -v version="$version" -v created="$created" '
  function package(id, title, release, purl) {
    return sprintf("    {\"SPDXID\": \"%s\", \"name\": \"%s\", \"versionInfo\": \"%s\",\n     " \
      "\"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"externalRefs\": [\n      " \
      "{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\",\n       " \
      "\"referenceLocator\": \"%s\"}]}", id, title, release, purl)
  }
  function relationship(from, type, to) {
    return sprintf("    {\"spdxElementId\": \"%s\", \"relationshipType\": \"%s\", " \
      "\"relatedSpdxElement\": \"%s\"}", from, type, to)
  }
  BEGIN {
    program = "SPDXRef-" name
    packages = package(program, name, version, "pkg:generic/" name "@" version)
    relationships = relationship("SPDXRef-DOCUMENT", "DESCRIBES", program)
  }
  {
    id = sprintf("SPDXRef-Package-%d", NR)
    escaped = $3
    gsub(/\+/, "%2B", escaped)
    gsub(/:/, "%3A", escaped)
    packages = packages ",\n" package(id, $2, $3, "pkg:deb/debian/" $2 "@" escaped "?arch=" $4)
    if ($1 == "STATIC_LINK") line = relationship(program, "STATIC_LINK", id)
    else line = relationship("SPDXRef-DOCUMENT", "DESCRIBES", id)
    relationships = relationships ",\n" line
  }
  END {
    printf "{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\",\n"
    printf "  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n  \"name\": \"%s-%s\",\n", name, version
    printf "  \"documentNamespace\": \"https://spdx.org/spdxdocs/%s-%s-%s\",\n", name, version, created
    printf "  \"creationInfo\": {\"created\": \"%s\", \"creators\": [\"Tool: docker/sbom.sh\"]},\n", created
    printf "  \"packages\": [\n%s\n  ],\n", packages
    printf "  \"relationships\": [\n%s\n  ]\n}\n", relationships
  }'
