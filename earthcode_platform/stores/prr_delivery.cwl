cwlVersion: v1.2
$namespaces:
  s: https://schema.org/
s:softwareVersion: 1.0.0
$graph:
  - class: Workflow
    id: prr-delivery
    label: Check a package for the results repository
    doc: >-
      Stands where the package of the results repository goes that takes a delivery over: one folder in, one receipt
      out. This one sends nothing; it reads every file of the package and compares it with the package's manifest.
    inputs:
      package:
        type: Directory
        label: The package
        doc: A folder with handover.json, manifest.json and the collection, as a folder or as a zip file.
    outputs:
      receipt:
        type: File
        outputSource: check/receipt
    steps:
      check:
        run: "#check"
        in:
          package: package
        out: [receipt]
  - class: CommandLineTool
    id: check
    label: Compare every file with the manifest
    baseCommand: [python3, check.py]
    inputs:
      package:
        type: Directory
        inputBinding:
          position: 1
    outputs:
      receipt:
        type: File
        outputBinding:
          glob: receipt.json
    requirements:
      InitialWorkDirRequirement:
        listing:
          - entryname: check.py
            entry: |
              import hashlib
              import json
              import pathlib
              import sys

              folder = pathlib.Path(sys.argv[1])
              handover = json.loads((folder / "handover.json").read_text())
              files = json.loads((folder / "manifest.json").read_text())["files"]
              for file in files:
                  digest = hashlib.sha256()
                  with (folder / file["key"]).open("rb") as stream:
                      while block := stream.read(1 << 20):
                          digest.update(block)
                  if file["checksum"] != "1220" + digest.hexdigest():
                      sys.exit("{} is not what the manifest says".format(file["key"]))
              told = dict(product=handover["product"], version=handover["version"], files=len(files), complete=True)
              pathlib.Path("receipt.json").write_text(json.dumps(told))
