cwlVersion: v1.2
class: CommandLineTool
id: index
label: Normalised difference water index
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
    default: {class: File, location: index.py}
    inputBinding: {position: 0}
  scene:
    type: Directory
    inputBinding: {position: 1}
  green:
    type: string
    inputBinding: {position: 2}
  nir:
    type: string
    inputBinding: {position: 3}
  nodata:
    type: double
    inputBinding: {position: 4}
outputs:
  ndwi:
    type: File
    outputBinding: {glob: ndwi.tif}
