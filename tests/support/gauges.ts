/** Settings of a plant whose PLC says with every part which gauge measured it. */
export const plantWithGauges = (url: string) => `
plant: { name: Test plant, site: ravi }
console: { host: 127.0.0.1, port: 0 }
sources:
  plc:
    kind: modbus
    url: ${url}
    units:
      - id: 1
        name: m
        records:
          - name: result
            every: 20ms
            sequence: { address: 0, type: uint32 }
            fields:
              v: { address: 6, type: float32 }
              sn: { address: 12, type: uint16, role: context, name: gauge }
characteristics:
  bore:
    name: Bore
    unit: mm
    lsl: 5
    usl: 15
    source: plc
    tag: m.v
    subgroup: { kind: by-count, size: 1 }
    charts: [{ kind: imr }]
    rules: shewhart
    reactionPlan: Measure again.
`;
