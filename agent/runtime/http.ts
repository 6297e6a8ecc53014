/**
 * Node's HTTP clients. An `import` of them would load fetch and web sockets as well (their names are
 * among the exports), 3 MB that nothing here uses.
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
