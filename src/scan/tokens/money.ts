import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const PAYS = 'whoever reads it can see customers and move money';

/** Payments, shops and shipping. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'stripe-key',
    title: 'a Stripe key',
    keywords: ['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_', 'sk_prod_', 'rk_prod_', 'sk_org_'],
    pattern: '(?:[sr]k_(?:live|test|prod)|sk_org_live|sk_org_test)_([A-Za-z0-9]{16,250})',
    why: PAYS,
    revoke: 'roll it at https://dashboard.stripe.com/apikeys',
  },
  {
    id: 'stripe-webhook-secret',
    title: 'the signing secret of a webhook',
    keywords: ['whsec_'],
    pattern: 'whsec_[A-Za-z0-9+/]{24,88}={0,2}',
    end: '(?![A-Za-z0-9+/=])',
    why: 'whoever reads it can send events that your service believes',
    revoke: 'roll it in the settings of the webhook endpoint',
  },
  {
    id: 'square-token',
    title: 'a Square token or secret',
    keywords: ['sq0atp-', 'sq0csp-', 'sq0idp-', 'eaaa'],
    pattern: '(?:sq0atp-[A-Za-z0-9_-]{22}|sq0csp-[A-Za-z0-9_-]{43}|EAAA[A-Za-z0-9_-]{60})',
    strict: true,
    why: PAYS,
    revoke: 'replace it at https://developer.squareup.com/apps',
  },
  {
    id: 'braintree-token',
    title: 'a Braintree or PayPal access token',
    keywords: ['access_token$'],
    pattern: 'access_token\\$(?:production|sandbox)\\$([0-9a-z]{16}\\$[0-9a-f]{32})',
    why: PAYS,
    revoke: 'revoke it in the control panel of Braintree or PayPal',
  },
  {
    id: 'shopify-token',
    title: 'a Shopify token or secret',
    keywords: ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shpua_', 'shprt_', 'shptka_', 'shpit_'],
    pattern: 'shp(?:at|ca|pa|ss|ua|rt|tka|it)_[0-9a-fA-F]{32}',
    why: PAYS,
    revoke: 'uninstall or rotate it in the settings of the app',
  },
  {
    id: 'plaid-token',
    title: 'a Flutterwave or Plaid key',
    keywords: ['flwseck', 'access-sandbox-', 'access-production-', 'access-development-'],
    pattern:
      '(?:FLWSECK(?:_TEST)?-[0-9a-zA-Z]{12,40}(?:-X)?|access-(?:sandbox|production|development)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
    why: PAYS,
    revoke: 'rotate it in the dashboard of the service',
  },
  {
    id: 'duffel-token',
    title: 'a Duffel token',
    keywords: ['duffel_test_', 'duffel_live_'],
    pattern: 'duffel_(?:test|live)_([A-Za-z0-9_=-]{43})',
    revoke: 'delete it in the developer settings of Duffel',
  },
  {
    id: 'easypost-key',
    title: 'an EasyPost key',
    keywords: ['ezak', 'eztk'],
    pattern: 'EZ[AT]K[A-Za-z0-9]{54}',
    revoke: 'disable it at https://www.easypost.com/account/api-keys',
  },
  {
    id: 'shippo-token',
    title: 'a Shippo key',
    keywords: ['shippo_live_', 'shippo_test_'],
    pattern: 'shippo_(?:live|test)_([0-9a-f]{40})',
    revoke: 'delete it in the API settings of Shippo',
  },
  {
    id: 'paddle-key',
    title: 'a Paddle or Polar key',
    keywords: ['pdl_live_apikey_', 'pdl_sdbx_apikey_', 'polar_oat_', 'polar_pat_'],
    pattern: '(?:pdl_(?:live|sdbx)_apikey_([A-Za-z0-9_]{40,80})|polar_[op]at_[A-Za-z0-9]{32,64})',
    why: PAYS,
    revoke: 'revoke it in the settings of the service',
  },
  {
    id: 'gocardless-token',
    title: 'a GoCardless, Mollie or Lob key',
    keywords: ['live_', 'test_'],
    pattern: '(?:live_[A-Za-z0-9_=-]{40}|(?:live|test)_[0-9a-f]{35}|live_[A-Za-z0-9]{30})',
    strict: true,
    why: PAYS,
    revoke: 'delete it in the developer settings of the service',
  },
  {
    id: 'razorpay-key',
    title: 'a Razorpay key',
    keywords: ['rzp_live_', 'rzp_test_'],
    pattern: 'rzp_(?:live|test)_([A-Za-z0-9]{14,20})',
    why: PAYS,
    revoke: 'regenerate it in the dashboard of Razorpay',
  },
  {
    id: 'extended-private-key',
    title: 'the extended private key of a wallet',
    keywords: ['xprv9', 'xprva', 'tprv8', 'zprva', 'yprva'],
    pattern: '(?:[xyz]prv[9A]|tprv8)[1-9A-HJ-NP-Za-km-z]{106,107}',
    why: 'whoever reads it owns the coins',
    revoke: 'move the coins to a new wallet',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'paypal-secret',
    title: 'a PayPal client secret',
    keywords: ['paypal'],
    value: 'E[A-Za-z0-9_-]{79}',
    why: PAYS,
    revoke: 'generate a new one at https://developer.paypal.com/dashboard/applications',
  },
  {
    id: 'wallet-private-key',
    title: 'the private key of a wallet',
    keywords: ['private_key', 'privatekey', 'private-key', 'wallet_key', 'deployer_key'],
    value: '(?:0x)?[0-9a-fA-F]{64}',
    why: 'whoever reads it owns what the key holds',
    revoke: 'move what it holds to a new key',
  },
];

/** Rules for payments, shops, shipping and coins. */
export const MONEY_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
