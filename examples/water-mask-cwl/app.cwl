cwlVersion: v1.2
class: Workflow
id: water-mask
label: Water masks by NDWI and Otsu's threshold
doc: >-
  Takes scenes as staged STAC items, cuts them to an area, computes the normalised difference water index of each, and
  parts water from land where the variance between both is largest. Hands back a STAC catalog with a mask for each scene.
$namespaces:
  s: https://schema.org/
  earthcode: https://earthcode.esa.int/cwl#
s:softwareVersion: 1.0.0
requirements:
  ScatterFeatureRequirement: {}
inputs:
  scenes:
    label: Scenes
    doc: One folder a scene, with a STAC catalog, an item, and files of a green and a near-infrared band.
    type: Directory[]
    earthcode:acceptsWindow: true # the platform may cut the rasters to the box of the input
  green:
    label: Green band
    doc: Key of the asset with the green band.
    type: string
    default: B03
  nir:
    label: Near-infrared band
    doc: Key of the asset with the near-infrared band.
    type: string
    default: B08
  nodata:
    label: No data
    doc: Stored number that means no data.
    type: double
    default: 0
outputs:
  masks:
    label: Masks
    doc: One folder a scene, with a STAC catalog, an item and the mask (1 water, 0 land, 255 no data).
    type: Directory[]
    outputSource: mask/catalog
steps:
  index:
    run: tools/index.cwl
    scatter: scene
    in:
      scene: scenes
      green: green
      nir: nir
      nodata: nodata
    out: [ndwi]
  mask:
    run: tools/mask.cwl
    scatter: [ndwi, scene]
    scatterMethod: dotproduct
    in:
      ndwi: index/ndwi
      scene: scenes
    out: [catalog]
