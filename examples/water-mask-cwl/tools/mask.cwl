cwlVersion: v1.2
class: CommandLineTool
id: mask
label: Water mask by Otsu's threshold
requirements:
  NetworkAccess:
    networkAccess: false
  ResourceRequirement:
    coresMin: 1
    ramMin: 512
hints:
  DockerRequirement:
    dockerPull: localhost/earthcode/water-mask:1.0.0
baseCommand: [python]
inputs:
  script:
    type: File
    default: {class: File, location: mask.py}
    inputBinding: {position: 0}
  ndwi:
    type: File
    inputBinding: {position: 1}
  scene:
    type: Directory
    inputBinding: {position: 2}
outputs:
  catalog:
    type: Directory
    outputBinding: {glob: masks}
