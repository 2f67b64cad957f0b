// Left to itself Scalar loads fonts, an assistant and a proxy from elsewhere. Nothing here leaves this server.
Scalar.createApiReference('#docs', {
  url: new URL('openapi.yaml', document.baseURI).href,
  agent: { disabled: true },
  mcp: { disabled: true },
  telemetry: false,
  withDefaultFonts: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  persistAuth: true,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
})
